"""The queries behind scope analysis: one per grammar, every capture named after what ``scope_builder`` does with it."""

from __future__ import annotations

from thea_hook.core.source import Language

_COMMON = """
[(variable_declaration) (lexical_declaration)] @declaration
[
  (function_declaration) (generator_function_declaration)
  (function_expression) (generator_function)
  (arrow_function) (method_definition)
] @function
[(class) (class_declaration)] @class
(class_static_block) @static_block
(statement_block) @block
(for_statement initializer: (lexical_declaration)) @for
(for_in_statement) @for_in
(switch_statement) @switch
(catch_clause) @catch
(with_statement) @with
(assignment_expression) @assignment
(augmented_assignment_expression) @augmented
(update_expression) @update
(import_statement) @import
(export_statement) @export
"""

_JSX = """
(jsx_opening_element name: (identifier) @jsx_name)
(jsx_opening_element name: (member_expression) @jsx_member)
(jsx_self_closing_element name: (identifier) @jsx_name)
(jsx_self_closing_element name: (member_expression) @jsx_member)
(jsx_closing_element name: (identifier) @jsx_closing_name)
(jsx_closing_element name: (member_expression) @jsx_closing_member)
(jsx_namespace_name (identifier) @ignored)
"""

_JAVASCRIPT = """
[
  (identifier) (undefined)
  (shorthand_property_identifier) (shorthand_property_identifier_pattern)
] @identifier
(using_declaration) @declaration
(field_definition value: (_) @field)
"""

_TYPESCRIPT = """
[
  (identifier) (undefined) (type_identifier)
  (shorthand_property_identifier) (shorthand_property_identifier_pattern)
] @identifier
(public_field_definition value: (_) @field)
[(function_signature) (abstract_method_signature)] @function
(class_body (method_signature) @function)
(interface_body (method_signature) @function_type)
(object_type (method_signature) @function_type)
[(function_type) (constructor_type) (construct_signature) (call_signature)] @function_type
(abstract_class_declaration) @class
(interface_declaration) @interface
(type_alias_declaration) @type_alias
(type_parameter) @type_parameter
(infer_type) @infer
(mapped_type_clause) @mapped
(conditional_type) @conditional
(enum_declaration) @enum
[(internal_module) (module)] @namespace
(ambient_declaration (statement_block) @global_augmentation)
(nested_type_identifier) @qualified_type
(method_definition parameters: (formal_parameters (_ (decorator) @parameter_decorator)))
(binary_expression
  left: (binary_expression operator: "<" right: [(identifier) (member_expression)] @type_argument)
  operator: ">"
  right: (template_string))
(import_alias) @import_alias
(literal_type (undefined) @ignored)
(index_signature name: (identifier) @ignored)
(required_parameter name: (identifier) @ignored)
(required_parameter name: (rest_pattern (identifier) @ignored))
(optional_parameter name: (identifier) @ignored)
"""

SCOPE_QUERIES: dict[Language, str] = {
    "javascript": _COMMON + _JSX + _JAVASCRIPT,
    "typescript": _COMMON + _TYPESCRIPT,
    "tsx": _COMMON + _JSX + _TYPESCRIPT,
}
