extension ShippedPlan {
    static let payloadSizes = ShippedPlan(
        "payload-sizes",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "payload-sizes",
          "x-about": "The same load with small, middle and large datagrams.",
          "networks": { "loopback": { "kind": "loopback" } },
          "responders": { "echo": { "behaviour": "echo", "receive_buffer": "1MiB" } },
          "scenarios": [
            { "name": "smallest",
              "networks": ["loopback"],
              "responder": "echo",
              "tolerance": "5%",
              "senders": [
                { "name": "probes", "rate": "500pps", "payload": "16B", "duration": "2s" } ],
              "thresholds": [
                "ledger.too_big == 0",
                "ledger.forward_lost == 0",
                "ledger.backward_lost == 0",
                "loss.ratio < 5%",
                "delivered.ratio > 80%" ] },
            { "name": "whole-probe",
              "networks": ["loopback"],
              "responder": "echo",
              "tolerance": "5%",
              "senders": [
                { "name": "probes", "rate": "500pps", "payload": "44B", "duration": "2s" } ],
              "thresholds": [
                "ledger.too_big == 0",
                "ledger.forward_lost == 0",
                "ledger.backward_lost == 0",
                "loss.ratio < 5%",
                "delivered.ratio > 80%" ] },
            { "name": "ethernet",
              "networks": ["loopback"],
              "responder": "echo",
              "tolerance": "5%",
              "senders": [
                { "name": "probes", "rate": "500pps", "payload": "1472B", "duration": "2s" } ],
              "thresholds": [
                "ledger.too_big == 0",
                "ledger.forward_lost == 0",
                "ledger.backward_lost == 0",
                "loss.ratio < 5%",
                "delivered.ratio > 80%" ] },
            { "name": "largest",
              "networks": ["loopback"],
              "responder": "echo",
              "tolerance": "5%",
              "senders": [
                { "name": "probes", "rate": "50pps", "payload": "65507B", "duration": "2s" } ],
              "thresholds": [
                "ledger.too_big == 0",
                "ledger.forward_lost == 0",
                "ledger.backward_lost == 0",
                "loss.ratio < 5%",
                "delivered.ratio > 80%" ] }
          ]
        }

        """#)
}
