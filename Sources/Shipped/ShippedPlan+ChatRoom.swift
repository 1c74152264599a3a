extension ShippedPlan {
    static let chatRoom = ShippedPlan(
        "chat-room",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "chat-room",
          "x-about": "A room in which every member gets every message: deliveries, and what they cost.",
          "networks": { "loopback": { "kind": "loopback" } },
          "responders": { "room": { "behaviour": "chat" } },
          "scenarios": [
            { "name": "two-hundred",
              "networks": ["loopback"],
              "responder": "room",
              "warm_up": "1500ms",
              "timeout": "5s",
              "tolerance": "10%",
              "senders": [
                { "name": "members", "flows": 200, "rate": "1pps", "payload": "160B", "duration": "5s",
                  "max_burst": 200 } ],
              "thresholds": [
                "chat.members_least == 200",
                "chat.messages > 0",
                "chat.missing == 0",
                "chat.duplicates == 0",
                "chat.complete == 200",
                "ledger.forward_lost == 0",
                "ledger.backward_lost == 0",
                "delivered.ratio > 85%" ] }
          ]
        }

        """#)
}
