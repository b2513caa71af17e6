#!/usr/bin/env python3
"""Asks a Prometheus every query of a Grafana dashboard and of the alert rules that it has loaded.

    check_queries.py http://HOST:PORT DASHBOARD.json

No query may be an error. Each of the dashboard must give something, and at least one number that is one; those of the alerts may
give nothing: that is what they do when all is well. Prints what is wrong; the status is 1 then.
"""

import json
import math
import sys
import urllib.parse
import urllib.request

# What Grafana would put for its own variables.
VARIABLES = {"$__rate_interval": "1m", "$__interval": "15s", "$__range": "1h"}


def get(server, path, **arguments):
    url = f"{server}/api/v1/{path}?{urllib.parse.urlencode(arguments)}"
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        return json.load(error)


def fault(server, query, may_be_empty):
    """What is wrong with a query, or None."""
    answer = get(server, "query", query=query)
    if answer["status"] != "success":
        return answer.get("error", "no success")
    result = answer["data"]["result"]
    if may_be_empty:
        return None
    if not result:
        return "gives nothing"
    if all(math.isnan(float(sample["value"][1])) for sample in result):
        return "gives no number"
    return None


def dashboard_queries(path):
    with open(path, encoding="utf-8") as file:
        dashboard = json.load(file)
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            query = target["expr"]
            for name, value in VARIABLES.items():
                query = query.replace(name, value)
            if "$" in query:
                raise SystemExit(f"{panel['title']}: a variable is left in {query}")
            yield panel["title"], query


def alert_queries(server):
    for group in get(server, "rules")["data"]["groups"]:
        for rule in group["rules"]:
            yield rule["name"], rule["query"]
            if rule.get("health") == "err":
                raise SystemExit(f"{rule['name']}: Prometheus says: {rule['lastError']}")


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    server, dashboard = sys.argv[1:]
    wrong = []
    panels = list(dashboard_queries(dashboard))
    alerts = list(alert_queries(server))
    if not panels or not alerts:
        raise SystemExit("no queries: the dashboard or the rules were not loaded")
    for queries, may_be_empty in ((panels, False), (alerts, True)):
        for name, query in queries:
            problem = fault(server, query, may_be_empty)
            if problem:
                wrong.append(f"{name}: {problem}: {query}")
    print("\n".join(wrong) or f"{len(panels)} queries of the dashboard, {len(alerts)} of the alerts: all give something or may be empty")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
