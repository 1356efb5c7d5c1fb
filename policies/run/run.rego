# METADATA
# title: May this run start
# description: >
#   Asked twice for a run with packages: with those that were asked for (`packages_stage` "asked"), and with everything that
#   they pull in ("closure"). A package passes if packages.json allows its name at its version; what it does not name is
#   denied. Limits must lie between floor and ceiling of limits.json. Models get less: no restricted projects, lower
#   ceilings, and only connectors that say they are for models.
package bailiwick.run

import data.bailiwick.lib.shape
import data.bailiwick.lib.verdict
import data.bailiwick.lib.versions

# METADATA
# description: The answer to a question about a run.
# entrypoint: true
decision := verdict.of(deny, review, sound)

fields := {
	"project.id": {"string"},
	"project.slug": {"string"},
	"project.classification": {"string"},
	"person.pseudonym": {"string"},
	"person.roles": {"array"},
	"caller.kind": {"string"},
	"caller.model": {"string", "null"},
	"purpose": {"string"},
	"environment.name": {"string"},
	"environment.digest": {"string"},
	"packages": {"array"},
	"packages_stage": {"string"},
	"connectors": {"array"},
	"limits": {"object"},
	"files": {"array"},
	"language": {"string", "null"},
	"now": {"string"},
}

package_fields := {"name": {"string"}, "version": {"string"}, "requested": {"boolean"}}

file_fields := {"size": {"number"}}

# METADATA
# description: Every reason against the run.
deny contains reason if some reason in shape.reasons(input, fields)

deny contains reason if {
	some list, wanted in {"packages": package_fields, "files": file_fields}
	some position in shape.misshapen_items(object.get(input, list, null), wanted)
	reason := {
		"code": "input_invalid",
		"message": sprintf("%s[%d]: not of the documented form", [list, position]),
		"remedy": "This is a fault of the platform, not of the request: ask a platform admin to report it.",
	}
}

deny contains reason if {
	not may_run
	reason := {
		"code": "role_not_allowed",
		"message": sprintf(
			"project: running code in %q takes one of the roles %s",
			[slug, verdict.listed(data.roles.run)],
		),
		"remedy": "Ask a platform admin for that role in the project.",
	}
}

deny contains reason if {
	not known_caller
	reason := {
		"code": "caller_unknown",
		"message": "caller: neither a person nor a model with a name",
		"remedy": "Use a token of a person, or one that was issued to a named model.",
	}
}

deny contains reason if {
	not stage_known
	reason := {
		"code": "stage_unknown",
		"message": "packages_stage: neither \"asked\" nor \"closure\"",
		"remedy": "This is a fault of the platform, not of the request: ask a platform admin to report it.",
	}
}

deny contains reason if {
	not classification_fits
	reason := {
		"code": "classification_not_allowed",
		"message": sprintf(
			"project: %q is classified %q; models may work on %s",
			[slug, classification, verdict.listed(data.models.classifications)],
		),
		"remedy": "Let a person run this, or use a project of a lower classification.",
	}
}

deny contains reason if {
	not purpose_given
	reason := {
		"code": "purpose_missing",
		"message": "purpose: says nothing about what the run is for (3 to 2000 characters)",
		"remedy": "Say in a sentence what the run is for.",
	}
}

deny contains reason if {
	not environment_allowed
	reason := {
		"code": "environment_not_allowed",
		"message": sprintf(
			"environment: %q is not one of those that policy allows (%s)",
			[environment, verdict.listed(object.keys(data.environments))],
		),
		"remedy": sprintf("Use one of: %s.", [verdict.listed(object.keys(data.environments))]),
	}
}

deny contains reason if {
	not language_allowed
	reason := {
		"code": "language_not_allowed",
		"message": sprintf("language: %v is not one for this caller in environment %q", [language, environment]),
		"remedy": sprintf("Use one of: %s.", [verdict.listed(languages)]),
	}
}

deny contains reason if {
	not packages_counted
	reason := {
		"code": "packages_too_many",
		"message": sprintf("packages: more than %d, counting what they pull in", [data.packages.maximum]),
		"remedy": "Ask for fewer packages, or for an environment image that has them.",
	}
}

deny contains reason if {
	some package_ in input.packages
	not package_named(package_)
	reason := refused_package(package_)
}

deny contains reason if {
	some package_ in input.packages
	package_named(package_)
	not package_fits(package_)
	reason := {
		"code": "package_version_not_allowed",
		"message": sprintf(
			"packages: %q is allowed %s; version %v%s is not",
			[package_.name, versions.described(constraints(package_)), object.get(package_, "version", "?"), pulled_in(package_)],
		),
		"remedy": sprintf(
			"Ask for a version of %q %s, or for an exception.",
			[package_.name, versions.described(constraints(package_))],
		),
	}
}

deny contains reason if {
	some name in connectors
	not connector_allowed(name)
	reason := {
		"code": "connector_not_allowed",
		"message": sprintf("connectors: %v is not granted to project %q for this caller", [name, slug]),
		"remedy": "Upload the data as a file, or ask a policy admin to grant the connector to the project.",
	}
}

deny contains reason if {
	not files_counted
	reason := {
		"code": "files_too_many",
		"message": sprintf("files: more than %d", [data.files.count]),
		"remedy": sprintf("Give %d files or fewer, for example by packing some into one archive.", [data.files.count]),
	}
}

deny contains reason if {
	some position, file in input.files
	not file_fits(file)
	reason := {
		"code": "file_too_large",
		"message": sprintf("files[%d]: not a size from 0 to %v bytes", [position, data.files.bytes]),
		"remedy": sprintf("Give a file of at most %v bytes.", [data.files.bytes]),
	}
}

deny contains reason if {
	not files_fit_disk
	reason := {
		"code": "files_exceed_disk",
		"message": "files: together larger than limits.disk_bytes",
		"remedy": "Ask for more limits.disk_bytes, or give fewer or smaller files.",
	}
}

# METADATA
# description: >
#   Every reason to let people look first: packages that packages.json allows with `"review": true`. The default list has
#   none.
review contains reason if {
	some package_ in input.packages
	data.packages.allow[package_.name].review == true
	reason := {
		"code": "package_needs_review",
		"message": sprintf("packages: %q is allowed after people have looked at why it is needed", [package_.name]),
		"remedy": "Wait for a reviewer, or do without the package.",
	}
}

default sound := false

# Every good helper once more, together: see verdict.of.
sound if {
	may_run
	known_caller
	stage_known
	classification_fits
	purpose_given
	environment_allowed
	language_allowed
	packages_counted
	every package_ in input.packages {
		package_named(package_)
		package_fits(package_)
	}
	every name in input.connectors {
		connector_allowed(name)
	}
	every name, bounds in data.limits {
		limit_numeric(name)
		limit_at_least(name, bounds.floor)
		limit_at_most(name, ceiling(bounds))
	}
	files_counted
	every file in input.files {
		file_fits(file)
	}
	files_fit_disk
}

slug := object.get(input, ["project", "slug"], "?")

classification := object.get(input, ["project", "classification"], "?")

environment := object.get(input, ["environment", "name"], "?")

language := object.get(input, "language", "?")

may_run if {
	some role in input.person.roles
	role in data.roles.run
}

known_caller if {
	input.caller.kind == "person"
	input.caller.model == null
}

known_caller if {
	input.caller.kind == "model"
	count(input.caller.model) > 0
}

for_person if {
	known_caller
	input.caller.kind == "person"
}

stage_known if input.packages_stage in {"asked", "closure"}

classification_fits if {
	for_person
	input.project.classification in data.release.classifications
}

classification_fits if input.project.classification in data.models.classifications

purpose_given if {
	purpose := count(trim_space(input.purpose))
	purpose >= 3
	purpose <= 2000
}

environment_allowed if data.environments[input.environment.name]

languages contains name if {
	some name in data.environments[input.environment.name].languages
	for_person
}

languages contains name if {
	some name in data.environments[input.environment.name].languages
	name in data.models.languages
}

# No language: the run takes its executions one by one, and each is decided on its own.
language_allowed if input.language == null

language_allowed if input.language in languages

packages_counted if count(input.packages) <= data.packages.maximum

package_named(package_) if {
	data.packages.allow[package_.name]
	not data.packages.deny[package_.name]
}

package_fits(package_) if versions.permitted(package_.version, constraints(package_))

constraints(package_) := object.get(data.packages.allow, [package_.name, "versions"], [])

refused_package(package_) := {
	"code": "package_not_allowed",
	"message": sprintf(
		"packages: %q%s is denied: %s",
		[package_.name, pulled_in(package_), data.packages.deny[package_.name].why],
	),
	"remedy": sprintf("Do without %q: %s.", [package_.name, data.packages.deny[package_.name].instead]),
} if {
	data.packages.deny[package_.name]
} else := {
	"code": "package_not_allowed",
	"message": sprintf(
		"packages: %v%s is not on the allowlist of project %q",
		[object.get(package_, "name", "?"), pulled_in(package_), slug],
	),
	"remedy": "Use a package that is on the list (packages.json of the policy), or ask a policy admin for an exception.",
}

pulled_in(package_) := ", which another package needs," if {
	package_.requested == false
} else := ""

connectors contains name if some name in input.connectors

connector_allowed(name) if {
	input.project.slug in data.scopes[name].projects
	for_person
}

connector_allowed(name) if {
	input.project.slug in data.scopes[name].projects
	data.scopes[name].models == true
}

files_counted if count(input.files) <= data.files.count

file_fits(file) if {
	is_number(file.size)
	file.size >= 0
	file.size <= data.files.bytes
}

files_fit_disk if sum([file.size | some file in input.files]) <= input.limits.disk_bytes
