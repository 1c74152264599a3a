extension ShippedPlan {
    static let windows10054 = ShippedPlan(
        "windows-10054",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "windows-10054",
          "x-about": "Why a UDP server dies on Windows (WSAECONNRESET, 10054) and not on Linux: the socket sees resets of every peer. The same server on both kinds of socket.",
          "networks": { "here": { "kind": "loopback" } },
          "responders": {
            "as-on-linux": { "behaviour": "echo", "socket": "unconnected", "on_reset": "none" },
            "as-on-windows": { "behaviour": "echo", "socket": "unconnected_recverr", "on_reset": "none" },
            "mended": { "behaviour": "echo", "socket": "unconnected_recverr", "on_reset": "always" }
          },
          "scenarios": [
            { "name": "as-on-linux", "networks": ["here"], "responder": "as-on-linux", "timeout": "500ms",
              "tolerance": "10%", "x-expected": "No reset reaches it.",
              "senders": [
                { "name": "healthy", "flows": 2, "rate": "100pps", "payload": "160B", "duration": "3s",
                  "max_burst": 4 },
                { "name": "hit-and-run", "kind": "hit-and-run", "burst": 8, "rate": "40pps",
                  "payload": "64B", "duration": "3s" } ],
              "thresholds": [ "resets.availability >= 90%", "ledger.outage == 0",
                "delivered.ratio > 80%" ] },
            { "name": "as-on-windows", "networks": ["here"], "responder": "as-on-windows", "timeout": "500ms",
              "tolerance": "10%", "x-expected": "The first client that is gone before its answer ends it.",
              "senders": [
                { "name": "healthy", "flows": 2, "rate": "100pps", "payload": "160B", "duration": "3s",
                  "max_burst": 4 },
                { "name": "hit-and-run", "kind": "hit-and-run", "burst": 8, "rate": "40pps",
                  "payload": "64B", "duration": "3s" } ],
              "thresholds": [ "resets.availability < 50%", "ledger.outage > 0" ] },
            { "name": "mended", "networks": ["here"], "responder": "mended", "timeout": "500ms",
              "tolerance": "10%", "x-expected": "It sees every reset, goes on, and sends the answer again that a stale error ate.",
              "senders": [
                { "name": "healthy", "flows": 2, "rate": "100pps", "payload": "160B", "duration": "3s",
                  "max_burst": 4 },
                { "name": "hit-and-run", "kind": "hit-and-run", "burst": 8, "rate": "40pps",
                  "payload": "64B", "duration": "3s" } ],
              "thresholds": [ "resets.availability >= 90%", "ledger.outage == 0", "ledger.echo_failed == 0",
                "delivered.ratio > 80%" ] }
          ]
        }

        """#)
}
