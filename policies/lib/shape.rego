# METADATA
# title: Shape of a question
# description: Functions of their arguments that find fields which are absent, null or of another type.
package bailiwick.lib.shape

# METADATA
# description: >
#   The dotted paths of `fields` (path -> set of type names) that `object_` does not have with one of those types.
#   The mark for an absent field is a set, which no JSON input can hold.
misshapen(object_, fields) := {path |
	some path, types in fields
	not has(object_, path, types)
}

# A rule of its own: a call inside "not …" is made before it, and what is undefined there would slip through.
has(object_, path, types) if type_name(object.get(object_, split(path, "."), set())) in types

# METADATA
# description: A reason for each path of `misshapen`.
reasons(object_, fields) := {reason |
	some path in misshapen(object_, fields)
	reason := {
		"code": "input_invalid",
		"message": sprintf("%s: missing, or not %s", [path, concat(" or ", sort(fields[path]))]),
		"remedy": "This is a fault of the platform, not of the request: ask a platform admin to report it.",
	}
}

# METADATA
# description: The positions in `items` whose members do not have `fields`; 0 stands for an `items` that is no array.
misshapen_items(items, fields) := {0} if {
	not is_array(items)
	count(fields) > 0
} else := {position |
	some position, item in items
	count(misshapen(item, fields)) > 0
}
