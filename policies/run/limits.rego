# Limits: each between the floor and the ceiling of limits.json, where a model has a ceiling of its own.
package bailiwick.run

import data.bailiwick.lib.verdict

deny contains reason if {
	some name, bounds in data.limits
	not limit_numeric(name)
	reason := {
		"code": "limit_invalid",
		"message": sprintf("limits.%s: not a %s", [name, kind_of_number(name)]),
		"remedy": sprintf("Ask for a number from %v to %v.", [bounds.floor, ceiling(bounds)]),
	}
}

deny contains reason if {
	some name, bounds in data.limits
	limit_numeric(name)
	not limit_at_least(name, bounds.floor)
	reason := {
		"code": "limit_below_floor",
		"message": sprintf("limits.%s: %v is below the least that works, %v", [name, input.limits[name], bounds.floor]),
		"remedy": sprintf("Ask for %v or more.", [bounds.floor]),
	}
}

deny contains reason if {
	some name, bounds in data.limits
	limit_numeric(name)
	not limit_at_most(name, ceiling(bounds))
	reason := {
		"code": "limit_above_ceiling",
		"message": sprintf("limits.%s: %v is above the ceiling of %v", [name, input.limits[name], ceiling(bounds)]),
		"remedy": sprintf("Ask for %v or less, or for an exception.", [ceiling(bounds)]),
	}
}

deny contains reason if {
	some name, _ in input.limits
	not data.limits[name]
	reason := {
		"code": "limit_unknown",
		"message": sprintf("limits.%s: there is no such limit", [name]),
		"remedy": sprintf("The limits are: %s.", [verdict.listed(object.keys(data.limits))]),
	}
}

ceiling(bounds) := bounds.ceiling if {
	for_person
} else := bounds.model_ceiling

limit_numeric("cpu_cores") if {
	is_number(input.limits.cpu_cores)
	input.limits.cpu_cores > 0
}

limit_numeric(name) if {
	name != "cpu_cores"
	value := input.limits[name]
	is_number(value)
	value >= 0
	value == floor(value)
}

limit_at_least(name, least) if input.limits[name] >= least

limit_at_most(name, most) if input.limits[name] <= most

kind_of_number(name) := "number above 0" if {
	name == "cpu_cores"
} else := "whole number"
