# METADATA
# title: May this leave
# description: >
#   Asked at every door through which results leave the platform, with the audience: a person's console, a download, or a
#   model. A model gets text, tables as text, and still pictures, of projects that are not restricted, through its own
#   audience only; never what a browser would run (HTML, SVG, JavaScript, notebooks). Outputs, which come in several forms
#   side by side, leave without the forms that their audience does not get (obligation `withhold_media_types`); a file of
#   such a form does not leave. The stream of a run's events is asked about when it opens (`events`), and the outputs on it as
#   `outputs`. What is restricted is downloaded after people have looked. An export of the audit log asks once whether its sealed
#   fields leave opened (`audit_payload`), and for each run and kind of content that goes with it.
package bailiwick.release

import data.bailiwick.lib.shape
import data.bailiwick.lib.verdict

# METADATA
# description: The answer to a question about a release.
# entrypoint: true
decision := verdict.obliging(verdict.of(deny, review, sound), obligations)

fields := {
	"project.id": {"string"},
	"project.slug": {"string"},
	"project.classification": {"string"},
	"person.pseudonym": {"string"},
	"person.roles": {"array"},
	"caller.kind": {"string"},
	"caller.model": {"string", "null"},
	"audience": {"string"},
	"what": {"string"},
	"media_types": {"array"},
	"bytes": {"number"},
	"run.id": {"string", "null"},
	"now": {"string"},
}

# METADATA
# description: Every reason against the release.
deny contains reason if some reason in shape.reasons(input, fields)

deny contains reason if {
	not audience_known
	reason := {
		"code": "audience_unknown",
		"message": sprintf("audience: %v is not one of %s", [audience, verdict.listed(object.keys(data.release.audiences))]),
		"remedy": "This is a fault of the platform, not of the request: ask a platform admin to report it.",
	}
}

deny contains reason if {
	not audience_of_caller
	reason := {
		"code": "audience_not_allowed",
		"message": sprintf("audience: this caller may not receive for the audience %v", [audience]),
		"remedy": "A model receives as a model; a person receives with a person's token.",
	}
}

deny contains reason if {
	not role_fits
	reason := {
		"code": "role_not_allowed",
		"message": sprintf(
			"project: receiving %v of %q for the audience %v takes one of the roles %s",
			[what, slug, audience, verdict.listed(roles)],
		),
		"remedy": "Ask a platform admin for that role in the project.",
	}
}

deny contains reason if {
	not classification_fits
	reason := {
		"code": "classification_not_allowed",
		"message": sprintf(
			"project: %q is classified %q; models may receive %s",
			[slug, classification, verdict.listed(data.models.classifications)],
		),
		"remedy": "Let a person read the results in the console.",
	}
}

deny contains reason if {
	not thing_fits
	reason := {
		"code": "thing_not_allowed",
		"message": sprintf("what: %v does not leave for the audience %v", [what, audience]),
		"remedy": sprintf("What may leave for it: %s.", [verdict.listed(terms.things)]),
	}
}

deny contains reason if {
	some media_type in media_types
	not media_type_passes(media_type)
	reason := {
		"code": "media_type_not_allowed",
		"message": sprintf("media_types: %v does not leave for the audience %v", [media_type, audience]),
		"remedy": sprintf("Give the result as one of: %s.", [verdict.listed(terms.media_types)]),
	}
}

deny contains reason if {
	not size_fits
	reason := {
		"code": "release_too_large",
		"message": sprintf("bytes: not from 0 to %v, the most that leaves for the audience %v", [terms.bytes, audience]),
		"remedy": "Release less: aggregate, take a part, or write it to a file and let a person read that.",
	}
}

# METADATA
# description: Every reason to let people look first.
review contains reason if {
	some level in data.release.reviewed[audience]
	level == classification
	reason := {
		"code": "release_needs_review",
		"message": sprintf("project: %q is classified %q; people look before anything of it leaves as a %s", [
			slug,
			classification,
			audience,
		]),
		"remedy": "Read the results in the console, or wait for a reviewer.",
	}
}

default sound := false

# Every good helper once more, together: see verdict.of.
sound if {
	audience_known
	audience_of_caller
	role_fits
	classification_fits
	thing_fits
	every media_type in input.media_types {
		media_type_passes(media_type)
	}
	size_fits
	is_object(data.release.reviewed)
}

slug := object.get(input, ["project", "slug"], "?")

classification := object.get(input, ["project", "classification"], "?")

audience := object.get(input, "audience", "?")

what := object.get(input, "what", "?")

nothing := {"roles": [], "roles_for": {}, "things": [], "narrowed": [], "bytes": 0, "media_types": []}

terms := object.union(nothing, object.get(data.release.audiences, audience, {}))

# Some things are for other roles than the rest: evidence for auditors.
roles := object.get(terms.roles_for, what, terms.roles)

audience_known if data.release.audiences[input.audience]

audience_of_caller if {
	input.caller.kind == "person"
	input.caller.model == null
}

audience_of_caller if {
	input.caller.kind == "model"
	count(input.caller.model) > 0
	input.audience == "model"
}

role_fits if {
	some role in input.person.roles
	role in roles
}

classification_fits if {
	input.audience in {"console", "download"}
	input.project.classification in data.release.classifications
}

classification_fits if input.project.classification in data.models.classifications

thing_fits if {
	input.what in data.release.things
	input.what in terms.things
}

media_types contains media_type if some media_type in input.media_types

# The console and downloads take any: they are served so that nothing in them can run.
media_type_fits(media_type) if {
	is_string(media_type)
	terms.media_types == "any"
}

media_type_fits(media_type) if media_type in terms.media_types

media_type_passes(media_type) if media_type_fits(media_type)

media_type_passes(media_type) if {
	is_string(media_type)
	input.what in terms.narrowed
}

withheld contains media_type if {
	some media_type in media_types
	not media_type_fits(media_type)
}

default obligations := {}

obligations := {"withhold_media_types": [media_type | some media_type in withheld]} if count(withheld) > 0

size_fits if {
	input.bytes >= 0
	input.bytes <= terms.bytes
}
