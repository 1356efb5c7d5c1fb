# METADATA
# title: Verdict
# description: Functions of their arguments that turn reasons into the answer that every decision point gives.
package bailiwick.lib.verdict

# METADATA
# description: >
#   Deny for any denial, else review for any wish for review, else allow; with the reasons for that outcome. `sound` is the
#   second net: the point's own "everything is as it should be". Where it is not true and yet no denial was found (a rule's
#   sentence needed data that somebody took out), the answer is still no.
of(denials, reviews, sound) := answer("deny", denials) if {
	count(denials) > 0
} else := answer("deny", {incomplete}) if {
	sound != true
} else := answer("review", reviews) if {
	count(reviews) > 0
} else := answer("allow", set())

# METADATA
# description: The same answer with obligations, which only an allow has (what is not allowed obliges to nothing).
obliging(decision, obligations) := object.union(decision, {"obligations": obligations}) if {
	decision.outcome == "allow"
} else := decision

incomplete := {
	"code": "policy_incomplete",
	"message": "policy: its data lacks something that the decision needs, so nothing is allowed",
	"remedy": "Ask a policy admin to compare the bundle's data files with the shipped ones.",
}

# METADATA
# description: The answer in its wire form. The array of a set is sorted, so the same reasons are the same bytes.
answer(outcome, reasons) := {
	"outcome": outcome,
	"reasons": [reason | some reason in reasons],
	"obligations": {},
}

# METADATA
# description: Items in a sentence, or "none"; a single word stands for itself.
listed(items) := items if {
	is_string(items)
} else := concat(", ", sort(items)) if {
	count(items) > 0
} else := "none"
