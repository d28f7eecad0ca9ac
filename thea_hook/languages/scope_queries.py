"""The queries behind scope analysis: one per grammar, every capture named after what ``scope_syntax`` does with it.

The names begin with ``scope.``, so that the rules' own query can include one of these: one walk for both.
"""

from __future__ import annotations

import re

from thea_hook.core.source import Language

_COMMON = """
[(variable_declaration) (lexical_declaration)] @scope.declaration
[
  (function_declaration) (generator_function_declaration)
  (function_expression) (generator_function)
  (arrow_function) (method_definition)
] @scope.function
[(class) (class_declaration)] @scope.class
(class_static_block) @scope.static_block
(statement_block) @scope.block
(for_statement initializer: (lexical_declaration)) @scope.for
(for_in_statement) @scope.for_in
(switch_statement) @scope.switch
(catch_clause) @scope.catch
(with_statement) @scope.with
(assignment_expression) @scope.assignment
(augmented_assignment_expression) @scope.augmented
(update_expression) @scope.update
(import_statement) @scope.import
(export_statement) @scope.export
"""

_JSX = """
(jsx_opening_element name: (identifier) @scope.jsx_name)
(jsx_opening_element name: (member_expression) @scope.jsx_member)
(jsx_self_closing_element name: (identifier) @scope.jsx_name)
(jsx_self_closing_element name: (member_expression) @scope.jsx_member)
(jsx_closing_element name: (identifier) @scope.jsx_closing_name)
(jsx_closing_element name: (member_expression) @scope.jsx_closing_member)
(jsx_namespace_name (identifier) @scope.ignored)
"""

_JAVASCRIPT = """
[
  (identifier) (undefined)
  (shorthand_property_identifier) (shorthand_property_identifier_pattern)
] @scope.identifier
(using_declaration) @scope.declaration
(field_definition) @scope.field
"""

_TYPESCRIPT = """
[
  (identifier) (undefined) (type_identifier)
  (shorthand_property_identifier) (shorthand_property_identifier_pattern)
] @scope.identifier
(public_field_definition) @scope.field
[(function_signature) (abstract_method_signature)] @scope.function
(class_body (method_signature) @scope.function)
(interface_body (method_signature) @scope.function_type)
(object_type (method_signature) @scope.function_type)
[(function_type) (constructor_type) (construct_signature) (call_signature)] @scope.function_type
(abstract_class_declaration) @scope.class
(interface_declaration) @scope.interface
(type_alias_declaration) @scope.type_alias
(type_parameter) @scope.type_parameter
(infer_type) @scope.infer
(mapped_type_clause) @scope.mapped
(conditional_type) @scope.conditional
(enum_declaration) @scope.enum
[(internal_module) (module)] @scope.namespace
(ambient_declaration (statement_block) @scope.global_augmentation)
(nested_type_identifier) @scope.qualified_type
(import_alias) @scope.import_alias
(literal_type (undefined) @scope.ignored)
(index_signature name: (identifier) @scope.ignored)
(required_parameter name: (identifier) @scope.ignored)
(required_parameter name: (rest_pattern (identifier) @scope.ignored))
(optional_parameter name: (identifier) @scope.ignored)
"""

# Patterns that take as long to compile as a file to check, for what few files have: what the text must hold, the query.
_DECORATORS = (
    re.compile(rb"(?:[(,]|\*/)\s*@"),  # after a parenthesis, a comma or a comment: not the tags of doc comments
    "(method_definition parameters: (formal_parameters (_ (decorator) @scope.parameter_decorator)))",
)
_TYPED_TAGS = (
    re.compile(rb">\s*`"),
    """
    (binary_expression
      left: (binary_expression operator: "<" right: [(identifier) (member_expression)] @scope.type_argument)
      operator: ">"
      right: (template_string))
    """,
)
RARE_QUERIES: dict[Language, tuple[tuple[re.Pattern[bytes], str], ...]] = {
    "javascript": (),
    "typescript": (_DECORATORS, _TYPED_TAGS),
    "tsx": (_DECORATORS, _TYPED_TAGS),
}

SCOPE_QUERIES: dict[Language, str] = {
    "javascript": _COMMON + _JSX + _JAVASCRIPT,
    "typescript": _COMMON + _TYPESCRIPT,
    "tsx": _COMMON + _JSX + _TYPESCRIPT,
}
