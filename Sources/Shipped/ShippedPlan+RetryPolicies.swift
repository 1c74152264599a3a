extension ShippedPlan {
    static let retryPolicies = ShippedPlan(
        "retry-policies",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "retry-policies",
          "x-about": "Four echo servers with different retry policies under the same resets: which survive, and how long each is down. Single resets come from 400 ms on, 72 in a row, more than one step takes, from 800 ms on.",
          "networks": { "here": { "kind": "loopback" } },
          "responders": {
            "none": { "behaviour": "echo", "socket": "unconnected_recverr", "on_reset": "none" },
            "once": { "behaviour": "echo", "socket": "unconnected_recverr", "on_reset": "once" },
            "always": { "behaviour": "echo", "socket": "unconnected_recverr", "on_reset": "always" },
            "backoff": { "behaviour": "echo", "socket": "unconnected_recverr",
              "on_reset": { "policy": "backoff", "first": "10ms", "factor": 2, "limit": "1s" } }
          },
          "scenarios": [
            { "name": "none", "networks": ["here"], "responder": "none", "timeout": "500ms",
              "tolerance": "10%", "x-expected": "The first reset ends it, at 400 ms.",
              "senders": [
                { "name": "healthy", "flows": 2, "rate": "100pps", "payload": "160B", "duration": "4s",
                  "max_burst": 4 },
                { "name": "one-reset", "kind": "hit-and-run", "burst": 1, "rate": "2.5pps",
                  "payload": "64B", "duration": "4s" },
                { "name": "many-in-a-row", "kind": "hit-and-run", "burst": 72, "rate": "90pps",
                  "payload": "64B", "duration": "4s" } ],
              "thresholds": [ "resets.availability < 15%", "ledger.outage > 0" ] },
            { "name": "once", "networks": ["here"], "responder": "once", "timeout": "500ms",
              "tolerance": "10%", "x-expected": "It survives single resets; the second in a row ends it, at 800 ms or soon after.",
              "senders": [
                { "name": "healthy", "flows": 2, "rate": "100pps", "payload": "160B", "duration": "4s",
                  "max_burst": 4 },
                { "name": "one-reset", "kind": "hit-and-run", "burst": 1, "rate": "2.5pps",
                  "payload": "64B", "duration": "4s" },
                { "name": "many-in-a-row", "kind": "hit-and-run", "burst": 72, "rate": "90pps",
                  "payload": "64B", "duration": "4s" } ],
              "thresholds": [ "resets.availability > 15%", "resets.availability < 85%", "ledger.outage > 0" ] },
            { "name": "always", "networks": ["here"], "responder": "always", "timeout": "500ms",
              "tolerance": "10%", "x-expected": "It lives, and nobody notices anything.",
              "senders": [
                { "name": "healthy", "flows": 2, "rate": "100pps", "payload": "160B", "duration": "4s",
                  "max_burst": 4 },
                { "name": "one-reset", "kind": "hit-and-run", "burst": 1, "rate": "2.5pps",
                  "payload": "64B", "duration": "4s" },
                { "name": "many-in-a-row", "kind": "hit-and-run", "burst": 72, "rate": "90pps",
                  "payload": "64B", "duration": "4s" } ],
              "thresholds": [ "resets.availability >= 90%", "ledger.outage == 0", "ledger.echo_failed == 0",
                "delivered.ratio > 80%" ] },
            { "name": "backoff", "networks": ["here"], "responder": "backoff", "timeout": "5s",
              "tolerance": "10%", "x-expected": "It lives; its pauses are delays, and no loss.",
              "senders": [
                { "name": "healthy", "flows": 2, "rate": "100pps", "payload": "160B", "duration": "4s",
                  "max_burst": 4 },
                { "name": "one-reset", "kind": "hit-and-run", "burst": 1, "rate": "2.5pps",
                  "payload": "64B", "duration": "4s" },
                { "name": "many-in-a-row", "kind": "hit-and-run", "burst": 72, "rate": "90pps",
                  "payload": "64B", "duration": "4s" } ],
              "thresholds": [ "resets.availability >= 90%", "ledger.outage == 0", "ledger.echo_failed == 0",
                "delivered.ratio > 80%" ] }
          ]
        }

        """#)
}
