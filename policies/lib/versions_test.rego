package bailiwick.lib.versions_test

import data.bailiwick.lib.versions

from_4_below_5 := [{"min": "4", "below": "5"}]

cases := {
	"the least": ["4", from_4_below_5, true],
	"the least, written longer": ["4.0.0", from_4_below_5, true],
	"inside": ["4.9.12", from_4_below_5, true],
	"the bound itself": ["5", from_4_below_5, false],
	"the bound, written longer": ["5.0", from_4_below_5, false],
	"just below": ["3.99999", from_4_below_5, false],
	"numbers, not letters": ["4.10", [{"min": "4.9", "below": "5"}], true],
	"ten is above nine": ["10", [{"min": "9", "below": "11"}], true],
	"eight parts": ["4.1.2.3.4.5.6.7", from_4_below_5, true],
	"nine parts": ["4.1.2.3.4.5.6.7.8", from_4_below_5, false],
	"a candidate is in no range": ["4.5rc1", from_4_below_5, false],
	"a post-release is in no range": ["4.5.post1", from_4_below_5, false],
	"an epoch is in no range": ["1!4.5", from_4_below_5, false],
	"a local version is in no range": ["4.5+mine", from_4_below_5, false],
	"a leading zero is in no range": ["4.05", from_4_below_5, false],
	"text around it": ["4.5 ", from_4_below_5, false],
	"a line break after it": ["4.5\n", from_4_below_5, false],
	"empty": ["", from_4_below_5, false],
	"null": [null, from_4_below_5, false],
	"a number": [4, from_4_below_5, false],
	"exactly": ["2.9.0.post0", [{"exact": "2.9.0.post0"}], true],
	"exactly another": ["2.9.1", [{"exact": "2.9.0.post0"}], false],
	"exactly, written otherwise": ["1.3.0", [{"exact": "1.3"}], false],
	"one of several": ["1.3", [{"exact": "1.2"}, {"min": "1.3", "below": "2"}], true],
	"none at all": ["1.3", [], false],
	"constraints absent": ["1.3", null, false],
	"a bound missing": ["1.3", [{"min": "1"}], false],
	"the other bound missing": ["1.3", [{"below": "2"}], false],
	"words that are not known": ["1.3", [{"any": true}], false],
	"an exact one beside a range is exact": ["1.3", [{"exact": "1.2", "min": "1", "below": "2"}], false],
}

test_permitted[name] if {
	some name, case in cases
	result(case[0], case[1]) == case[2]
}

result(version, constraints) if versions.permitted(version, constraints)

result(version, constraints) := false if not versions.permitted(version, constraints)

test_described if {
	versions.described([{"exact": "1.2"}, {"min": "2", "below": "3"}]) == "exactly 1.2 or from 2 to below 3"
	versions.described([]) == "in no version"
}
