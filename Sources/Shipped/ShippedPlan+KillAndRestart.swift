extension ShippedPlan {
    static let killAndRestart = ShippedPlan(
        "kill-and-restart",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "kill-and-restart",
          "x-about": "A responder that dies and is started again, closes its port, and stands still: how long each outage was, when it was noticed, and what it cost. Every lost probe is in the account outage, and none anywhere else.",
          "networks": { "here": { "kind": "loopback" } },
          "responders": { "echo": { "behaviour": "echo" } },
          "scenarios": [
            { "name": "killed", "networks": ["here"], "responder": "echo", "tolerance": "10%",
              "senders": [
                { "name": "calls", "flows": 4, "rate": "50pps", "payload": "160B", "duration": "4s",
                  "max_burst": 4 } ],
              "timeline": [ { "at": "1s", "kill": "echo" }, { "at": "2500ms", "start": "echo" } ],
              "thresholds": [ "ledger.forward_lost == 0", "ledger.backward_lost == 0",
                "ledger.echo_failed == 0", "loss.ratio < 60%",
                "delivered.ratio > 30%" ] },
            { "name": "stopped", "networks": ["here"], "responder": "echo", "tolerance": "10%",
              "senders": [
                { "name": "calls", "flows": 4, "rate": "50pps", "payload": "160B", "duration": "3s",
                  "max_burst": 4 } ],
              "timeline": [ { "at": "1s", "stop": "echo" }, { "at": "2s", "start": "echo" } ],
              "thresholds": [ "ledger.forward_lost == 0", "ledger.backward_lost == 0",
                "ledger.echo_failed == 0", "loss.ratio < 60%",
                "delivered.ratio > 30%" ] },
            { "name": "paused", "networks": ["here"], "responder": "echo", "tolerance": "10%",
              "timeout": "5s",
              "senders": [
                { "name": "calls", "flows": 4, "rate": "50pps", "payload": "160B", "duration": "3s",
                  "max_burst": 4 } ],
              "timeline": [ { "at": "1s", "pause": "echo" }, { "at": "1500ms", "resume": "echo" } ],
              "thresholds": [ "loss.never == 0", "ledger.outage == 0",
                "delivered.ratio > 80%" ] }
          ]
        }

        """#)
}
