# METADATA
# title: May this code be executed
# description: >
#   What static analysis says about code is a hint for people and a hurdle for models, never a boundary: the sandbox is the
#   boundary. Code that a person wrote may be anything in a language of its environment. Code that a model wrote, or that a
#   model sends, gets less: no bash (a shell is nothing but starting programs), no python that starts programs, runs text as
#   code, imports what models.json denies, or cannot be parsed and so cannot be looked at.
package bailiwick.execution

import data.bailiwick.lib.shape
import data.bailiwick.lib.verdict

# METADATA
# description: The answer to a question about one cell of code.
# entrypoint: true
decision := verdict.of(deny, set(), sound)

fields := {
	"project.id": {"string"},
	"project.slug": {"string"},
	"project.classification": {"string"},
	"person.pseudonym": {"string"},
	"person.roles": {"array"},
	"caller.kind": {"string"},
	"caller.model": {"string", "null"},
	"run.id": {"string"},
	"run.environment": {"string"},
	"run.purpose": {"string"},
	"language": {"string"},
	"origin.kind": {"string"},
	"origin.model": {"string", "null"},
	"code.bytes": {"number"},
	"code.lines": {"number"},
	"code.analysis.parsed": {"boolean"},
	"code.analysis.imports": {"array"},
	"code.analysis.subprocess": {"boolean"},
	"code.analysis.dynamic_code": {"boolean"},
	"now": {"string"},
}

# METADATA
# description: Every reason against the execution.
deny contains reason if some reason in shape.reasons(input, fields)

deny contains reason if {
	not may_execute
	reason := {
		"code": "role_not_allowed",
		"message": sprintf(
			"project: running code in %q takes one of the roles %s",
			[slug, verdict.listed(data.roles.execution)],
		),
		"remedy": "Ask a platform admin for that role in the project.",
	}
}

deny contains reason if {
	not known_author
	reason := {
		"code": "origin_not_allowed",
		"message": "origin: code that a model sends is a model's, under that model's name; a person's has no model's name",
		"remedy": "Say where the code came from: {\"model\": name} for a model's, nothing for a person's.",
	}
}

deny contains reason if {
	not classification_fits
	reason := {
		"code": "classification_not_allowed",
		"message": sprintf(
			"project: %q is classified %q; models' code may work on %s",
			[slug, classification, verdict.listed(data.models.classifications)],
		),
		"remedy": "Let a person write this, or use a project of a lower classification.",
	}
}

deny contains reason if {
	not language_allowed
	reason := {
		"code": "language_not_allowed",
		"message": sprintf("language: %v is not one for %s in environment %q", [language, author, environment]),
		"remedy": sprintf("Use one of: %s.", [verdict.listed(languages)]),
	}
}

deny contains reason if {
	not size_fits
	reason := {
		"code": "code_too_large",
		"message": sprintf("code: not from 1 to %d bytes and %d lines", [data.code.bytes, data.code.lines]),
		"remedy": "Split the code over several executions, or upload data as a file instead of writing it into the code.",
	}
}

deny contains reason if {
	not readable
	reason := {
		"code": "code_not_parsed",
		"message": "code: does not parse as python, so what it would do cannot be looked at; a model's must",
		"remedy": "Correct the syntax; leave out notebook magics (% and !).",
	}
}

deny contains reason if {
	not starts_no_programs
	reason := {
		"code": "subprocess_not_allowed",
		"message": sprintf("code: starts other programs, which %s may not", [author]),
		"remedy": "Do it in python itself, or let a person write and send this code.",
	}
}

deny contains reason if {
	not runs_no_text
	reason := {
		"code": "dynamic_code_not_allowed",
		"message": sprintf("code: runs text as code (eval, exec, compile, __import__), which %s may not", [author]),
		"remedy": "Write the code out, or let a person write and send it.",
	}
}

deny contains reason if {
	some name in imports
	not import_allowed(name)
	reason := {
		"code": "import_not_allowed",
		"message": sprintf("code: %s may not import %v: %s", [author, name, import_denied(name)]),
		"remedy": "Do without that module, or let a person write and send this code.",
	}
}

default sound := false

# Every good helper once more, together: see verdict.of.
sound if {
	may_execute
	known_author
	classification_fits
	language_allowed
	size_fits
	readable
	starts_no_programs
	runs_no_text
	is_object(data.models.imports)
	every name in input.code.analysis.imports {
		import_allowed(name)
	}
}

slug := object.get(input, ["project", "slug"], "?")

classification := object.get(input, ["project", "classification"], "?")

environment := object.get(input, ["run", "environment"], "?")

language := object.get(input, "language", "?")

may_execute if {
	some role in input.person.roles
	role in data.roles.execution
}

known_author if {
	input.caller.kind == "person"
	input.caller.model == null
	input.origin.kind == "person"
	input.origin.model == null
}

known_author if {
	input.caller.kind == "person"
	input.caller.model == null
	input.origin.kind == "model"
	count(input.origin.model) > 0
}

known_author if {
	input.caller.kind == "model"
	count(input.caller.model) > 0
	input.origin.kind == "model"
	input.origin.model == input.caller.model
}

by_person if {
	known_author
	input.caller.kind == "person"
	input.origin.kind == "person"
}

author := "a person" if {
	by_person
} else := "a model's code"

classification_fits if {
	by_person
	input.project.classification in data.release.classifications
}

classification_fits if input.project.classification in data.models.classifications

languages contains name if {
	some name in data.environments[input.run.environment].languages
	by_person
}

languages contains name if {
	some name in data.environments[input.run.environment].languages
	name in data.models.languages
}

language_allowed if input.language in languages

size_fits if {
	input.code.bytes >= 1
	input.code.bytes <= data.code.bytes
	input.code.lines >= 1
	input.code.lines <= data.code.lines
}

readable if by_person

readable if input.code.analysis.parsed == true

# Only python is looked at; the sandbox's DuckDB is the boundary for SQL.
readable if input.language == "sql"

starts_no_programs if by_person

starts_no_programs if input.code.analysis.subprocess == false

runs_no_text if by_person

runs_no_text if input.code.analysis.dynamic_code == false

imports contains name if some name in input.code.analysis.imports

import_allowed(_) if by_person

import_allowed(name) if {
	is_string(name)
	count(denied_modules(name)) == 0
}

# "urllib.request.Request" is denied by "urllib.request"; "urllib" and "urllib.parse" are not.
denied_modules(name) := {module |
	some module, _ in data.models.imports
	startswith(sprintf("%s.", [name]), sprintf("%s.", [module]))
}

import_denied(name) := data.models.imports[module] if {
	some module in [min(denied_modules(name))]
} else := "its name is not a text"
