extension ShippedPlan {
    static let throughput = ShippedPlan(
        "throughput",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "throughput",
          "x-about": "What this host carries: datagrams a second with small payloads, bits a second with large ones.",
          "networks": { "loopback": { "kind": "loopback" } },
          "responders": { "echo": { "behaviour": "echo" } },
          "scenarios": [
            { "name": "small",
              "networks": ["loopback"],
              "responder": "echo",
              "warm_up": "500ms",
              "tolerance": "5%",
              "senders": [
                { "name": "one-flow", "rate": "max", "payload": "64B", "duration": "3s" } ],
              "thresholds": [
                "throughput.received_pps > 5kpps",
                "ledger.forward_lost == 0",
                "ledger.backward_lost == 0",
                "delivered.ratio > 80%" ] },
            { "name": "large",
              "networks": ["loopback"],
              "responder": "echo",
              "warm_up": "500ms",
              "tolerance": "5%",
              "senders": [
                { "name": "one-flow", "rate": "max", "payload": "1472B", "duration": "3s" } ],
              "thresholds": [
                "throughput.received_bits_per_second > 10Mbit",
                "ledger.forward_lost == 0",
                "ledger.backward_lost == 0",
                "delivered.ratio > 80%" ] },
            { "name": "many-flows",
              "networks": ["loopback"],
              "responder": "echo",
              "warm_up": "500ms",
              "tolerance": "5%",
              "senders": [
                { "name": "flows", "flows": 64, "rate": "50pps", "payload": "160B", "duration": "3s" } ],
              "thresholds": [
                "throughput.received_pps > 2kpps",
                "ledger.forward_lost == 0",
                "ledger.backward_lost == 0",
                "delivered.ratio > 80%" ] }
          ]
        }

        """#)
}
