extension ShippedPlan {
    static let echoResilience = ShippedPlan(
        "echo-resilience",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "echo-resilience",
          "x-about": "The battery of trials: how an echo server behaves when the other side misbehaves. Put a program of your own in the place of \"behaviour\": \"command\": [\"python3\", \"server.py\", \"{port}\"].",
          "networks": { "here": { "kind": "loopback" } },
          "responders": {
            "echo": { "behaviour": "echo" }
          },
          "scenarios": [
            { "name": "trials", "networks": ["here"], "responder": "echo", "battery": "resilience",
              "profile": "basic", "x-expected": "Every trial passes." }
          ]
        }

        """#)
}
