"""From a trained network to the files that ship: ONNX export, int8, checks that both say the same, and the manifest.

Imported as ``thea_exporters``; only ``thea-lab export`` uses it.
"""
