extension ShippedPlan {
    static let resetStorm = ShippedPlan(
        "reset-storm",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "reset-storm",
          "x-about": "A storm of clients that are gone before their answers come, beside healthy flows, which must lose nothing by it.",
          "networks": { "here": { "kind": "loopback" } },
          "responders": {
            "echo": { "behaviour": "echo", "socket": "unconnected_recverr", "on_reset": "always" }
          },
          "scenarios": [
            { "name": "storm", "networks": ["here"], "responder": "echo", "tolerance": "10%",
              "senders": [
                { "name": "healthy", "flows": 4, "rate": "100pps", "payload": "160B", "duration": "3s",
                  "max_burst": 4 },
                { "name": "storm", "kind": "hit-and-run", "flows": 2, "burst": 4, "rate": "400pps",
                  "payload": "64B", "duration": "3s" } ],
              "thresholds": [ "ledger.echo_failed == 0", "ledger.forward_lost == 0",
                "ledger.backward_lost == 0", "loss.never == 0",
                "delivered.ratio > 80%" ] }
          ]
        }

        """#)
}
