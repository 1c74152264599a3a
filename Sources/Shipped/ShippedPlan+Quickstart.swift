extension ShippedPlan {
    static let quickstart = ShippedPlan(
        "quickstart",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "quickstart",
          "x-about": "A first run: a steady load, and then as much as this host carries, to an echo on the loopback interface.",
          "networks": { "loopback": { "kind": "loopback" } },
          "responders": { "echo": { "behaviour": "echo" } },
          "scenarios": [
            { "name": "steady",
              "networks": ["loopback"],
              "responder": "echo",
              "tolerance": "10%",
              "senders": [
                { "name": "calls", "flows": 4, "rate": "500pps", "payload": "160B", "duration": "3s",
                  "max_burst": 4 } ],
              "thresholds": [
                "ledger.forward_lost == 0",
                "ledger.backward_lost == 0",
                "loss.ratio < 1%",
                "rtt.p50 < 100ms",
                "delivered.ratio > 85%" ] },
            { "name": "as-fast-as-it-goes",
              "networks": ["loopback"],
              "responder": "echo",
              "tolerance": "5%",
              "senders": [
                { "name": "flood", "rate": "max", "payload": "160B", "duration": "2s" } ],
              "thresholds": [
                "ledger.forward_lost == 0",
                "ledger.backward_lost == 0",
                "loss.ratio < 5%",
                "throughput.received_pps > 1kpps",
                "delivered.ratio > 90%" ] }
          ]
        }

        """#)
}
