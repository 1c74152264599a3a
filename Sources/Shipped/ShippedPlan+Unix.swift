extension ShippedPlan {
    static let unix = ShippedPlan(
        "unix",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "unix",
          "x-about": "A Unix datagram socket beside UDP over loopback: the same load, without an IP stack between.",
          "networks": { "local": { "kind": "loopback" } },
          "responders": {
            "unix": { "behaviour": "echo", "address": "unix:@udplab-example" },
            "udp": { "behaviour": "echo" } },
          "scenarios": [
            { "name": "unix",
              "networks": ["local"],
              "responder": "unix",
              "tolerance": "20%",
              "senders": [
                { "name": "calls", "flows": 4, "rate": "100pps", "payload": "256B", "duration": "2s" } ],
              "thresholds": ["ledger.forward_lost == 0", "ledger.backward_lost == 0", "rtt.p50 < 100ms"] },
            { "name": "udp",
              "networks": ["local"],
              "responder": "udp",
              "tolerance": "20%",
              "senders": [
                { "name": "calls", "flows": 4, "rate": "100pps", "payload": "256B", "duration": "2s" } ],
              "thresholds": ["ledger.forward_lost == 0", "ledger.backward_lost == 0", "rtt.p50 < 100ms"] }
          ]
        }

        """#)
}
