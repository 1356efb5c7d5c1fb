# METADATA
# title: Versions
# description: >
#   Functions of their arguments that compare versions made of dotted numbers. A version of any other form (1.0rc1, 1!2,
#   1.0+local, 1.0.post1) is in no range; it can only be named exactly.
package bailiwick.lib.versions

# METADATA
# description: True if `version` meets one of `constraints`, each `{"exact"}` or a range of `min` (inside) and `below` (outside).
permitted(version, constraints) if {
	some constraint in constraints
	meets(version, constraint)
}

# METADATA
# description: True if `version` meets one constraint. A constraint with none of the known words is met by nothing.
meets(version, constraint) if {
	constraint.exact == version
}

meets(version, constraint) if {
	not constraint.exact
	numbers(version) >= numbers(constraint.min)
	numbers(version) < numbers(constraint.below)
}

# METADATA
# description: Eight numbers, zeros added, so that 4 = 4.0 and 4.9 < 4.10. Undefined for anything but dotted numbers.
numbers(version) := array.slice(array.concat(given, [0, 0, 0, 0, 0, 0, 0, 0]), 0, 8) if {
	regex.match(`^(0|[1-9][0-9]{0,8})(\.(0|[1-9][0-9]{0,8})){0,7}$`, version)
	given := [to_number(part) | some part in split(version, ".")]
}

# METADATA
# description: The constraints in a sentence.
described(constraints) := concat(" or ", [words(constraint) | some constraint in constraints]) if {
	count(constraints) > 0
} else := "in no version"

# METADATA
# description: One constraint in words.
words(constraint) := sprintf("exactly %s", [constraint.exact]) if {
	constraint.exact
} else := sprintf("from %s to below %s", [constraint.min, constraint.below])
