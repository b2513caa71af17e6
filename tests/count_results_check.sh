#!/bin/bash
# tests/count_results.py counts every case, and takes a test without results for a failure.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

event() { # LABEL STATUS XML [ATTEMPT]
  printf '{"id":{"testResult":{"label":"%s","run":1,"attempt":%s}},' "$1" "${4:-1}"
  printf '"testResult":{"status":"%s","testActionOutput":[{"name":"test.xml",' "$2"
  printf '"uri":"file://%s"}]}}\n' "$scratch/$3"
}
cat >mixed.xml <<'X'
<testsuites><testsuite name="S">
<testcase name="One" status="run" result="completed" classname="S"/>
<testcase name="Two" status="run" result="completed" classname="S"><failure message="m"/></testcase>
<testcase name="Three" status="run" result="skipped" classname="S"><skipped/></testcase>
<testcase name="Four" status="notrun" result="suppressed" classname="S"/>
</testsuite></testsuites>
X
cat >good.xml <<'X'
<testsuites><testsuite><testcase name="One" classname="S"/></testsuite></testsuites>
X
printf '<testsuites><tests' >cut.xml
{
  printf '{"id":{"started":{}},"started":{"uuid":"x"}}\n'
  event //a:mixed FAILED mixed.xml
  event //a:good PASSED good.xml
  event //a:crash FAILED cut.xml
  event //a:slow TIMEOUT absent.xml
  event //a:exits FAILED good.xml
  event //a:retried FAILED mixed.xml
  event //a:retried PASSED good.xml 2
} >events
printf 'a\t//a:%s\n' mixed good crash slow exits retried unbuilt >tests

expect() { # EXPECTED-FILE; actual on standard input
  diff -u "$1" - || { echo "for: $2"; exit 1; }
}
cat >want <<'X'
failed	a	//a:crash (FAILED)
failed	a	//a:exits (FAILED)
failed	a	//a:mixed S.Two
failed	a	//a:slow (TIMEOUT)
failed	a	//a:unbuilt (no result: did not build, or was not run)
passed	a	//a:exits S.One
passed	a	//a:good S.One
passed	a	//a:mixed S.One
passed	a	//a:retried S.One
skipped	a	//a:mixed S.Three
X
python3 "$here/count_results.py" tests events 1 | LC_ALL=C sort | expect want "a mixed run"

printf 'a\t//a:good\n' >tests
printf 'passed\ta\t//a:good S.One\n' >want
python3 "$here/count_results.py" tests events 0 | expect want "a good run"
printf 'failed\tbuild\tbazel test ended with status 1\n' >>want
python3 "$here/count_results.py" tests events 1 | expect want "a failure that no test tells of"
