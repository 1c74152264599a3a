extension ShippedPlan {
    static let oneWay = ShippedPlan(
        "one-way",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "one-way",
          "x-about": "Load in one direction to a sink that answers nothing: one-way delay, and where the receiver drops.",
          "networks": { "loopback": { "kind": "loopback" } },
          "responders": { "sink": { "behaviour": "sink", "receive_buffer": "1MiB" } },
          "scenarios": [
            { "name": "steady",
              "networks": ["loopback"],
              "responder": "sink",
              "tolerance": "5%",
              "senders": [
                { "name": "readings", "flows": 2, "rate": "1kpps", "payload": "512B", "duration": "3s" } ],
              "thresholds": [
                "ledger.forward_lost == 0",
                "one_way.p50 < 100ms",
                "delivered.ratio > 80%" ] },
            { "name": "flood",
              "networks": ["loopback"],
              "responder": "sink",
              "senders": [
                { "name": "readings", "rate": "max", "payload": "512B", "duration": "2s" } ],
              "thresholds": [
                "ledger.forward_lost == 0",
                "throughput.received_pps > 1kpps" ] }
          ]
        }

        """#)
}
