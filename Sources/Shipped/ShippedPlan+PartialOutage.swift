extension ShippedPlan {
    static let partialOutage = ShippedPlan(
        "partial-outage",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "partial-outage",
          "x-about": "A part of the instances of a service fails, in three ways: what that costs the others, which must be nothing. Two of four echo responders are killed and started again, then two close their ports, then two get bounced answers of clients that are gone.",
          "networks": {
            "here": { "kind": "loopback" },
            "wifi": { "kind": "emulated",
              "forward": { "delay": "2ms", "jitter": "1ms" }, "backward": { "delay": "2ms" } }
          },
          "responders": {
            "echo": { "behaviour": "echo", "instances": 4, "socket": "unconnected_recverr",
              "on_reset": "always" }
          },
          "scenarios": [
            { "name": "two-of-four-die", "networks": ["here", "wifi"], "responder": "echo",
              "tolerance": "10%",
              "senders": [
                { "name": "calls", "flows": 8, "rate": "50pps", "payload": "160B", "duration": "5s",
                  "max_burst": 4 } ],
              "timeline": [
                { "at": "1500ms", "kill": "echo", "instances": 2 },
                { "at": "3s", "start": "echo" } ],
              "thresholds": [ "resets.collateral_loss == 0", "ledger.forward_lost == 0",
                "ledger.backward_lost == 0", "resets.availability > 70%",
                "delivered.ratio > 60%" ] },
            { "name": "one-of-four-stops", "networks": ["here"], "responder": "echo",
              "tolerance": "10%",
              "senders": [
                { "name": "calls", "flows": 8, "rate": "50pps", "payload": "160B", "duration": "4s",
                  "max_burst": 4 },
                { "name": "gone", "kind": "hit-and-run", "rate": "20pps", "payload": "64B",
                  "duration": "4s" } ],
              "timeline": [
                { "at": "1s", "stop": "echo", "instances": 1 },
                { "at": "2500ms", "start": "echo", "instances": 1 } ],
              "thresholds": [ "resets.collateral_loss == 0", "ledger.forward_lost == 0",
                "ledger.backward_lost == 0", "resets.availability > 80%",
                "delivered.ratio > 65%" ] }
          ]
        }

        """#)
}
