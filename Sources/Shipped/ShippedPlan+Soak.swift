extension ShippedPlan {
    static let soak = ShippedPlan(
        "soak",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "soak",
          "x-about": "A day of many quiet flows: whether loss or latency drifts or steps. --set scenarios.day.senders.calls.duration=168h for a week.",
          "networks": { "loopback": { "kind": "loopback" } },
          "responders": { "echo": { "behaviour": "echo" } },
          "scenarios": [
            { "name": "day",
              "networks": ["loopback"],
              "responder": "echo",
              "warm_up": "500ms",
              "tolerance": "5%",
              "senders": [
                { "name": "calls", "flows": 100, "rate": "10pps", "payload": "160B", "duration": "24h" } ],
              "thresholds": [
                "loss.ratio < 0.1%",
                "fairness.index > 0.95",
                "ledger.forward_lost == 0",
                "ledger.backward_lost == 0",
                "delivered.ratio > 80%" ] } ]
        }

        """#)
}
