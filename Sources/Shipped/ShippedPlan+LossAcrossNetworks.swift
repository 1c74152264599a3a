extension ShippedPlan {
    static let lossAcrossNetworks = ShippedPlan(
        "loss-across-networks",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "loss-across-networks",
          "seed": 42,
          "x-about": "The same calls over five networks. What the relay injected is what was lost: the gates are on what nobody can explain.",
          "networks": {
            "clean": { "kind": "loopback" },
            "wifi": {
              "kind": "emulated",
              "x-source": "A home network one hop away, with short bursts of loss: the shape of Hasslinger and Hohlfeld, The Gilbert-Elliott Model for Packet Loss in Real Time Services on the Internet (MMB 2008)",
              "forward": { "loss": { "model": "gilbert-elliott", "p": "0.5%", "r": "40%" }, "delay": "3ms", "jitter": "2ms" },
              "backward": { "loss": "0.2%", "delay": "3ms", "jitter": "2ms" } },
            "mobile": {
              "kind": "emulated",
              "x-source": "A median round trip of about 70 ms: Huang et al., A Close Examination of Performance and Power Characteristics of 4G LTE Networks (MobiSys 2012)",
              "forward": { "loss": { "model": "gilbert-elliott", "p": "0.4%", "r": "25%" }, "delay": { "model": "normal", "mean": "35ms", "deviation": "6ms" } },
              "backward": { "loss": "0.3%", "delay": { "model": "normal", "mean": "32ms", "deviation": "4ms" } } },
            "satellite": {
              "kind": "emulated",
              "x-source": "A geostationary hop takes 239.6 ms to 279 ms each way: RFC 2488 section 2",
              "loss": "0.1%", "delay": "260ms", "jitter": "1ms" },
            "dsl": {
              "kind": "emulated",
              "x-source": "A full queue before a slow uplink: Gettys and Nichols, Bufferbloat: Dark Buffers in the Internet (CACM 55/1, 2012)",
              "forward": { "loss": "0.2%", "delay": "12ms", "rate": "1800kbit", "queue": "24KiB" },
              "backward": { "delay": "12ms", "rate": "16Mbit", "queue": "64KiB" } }
          },
          "responders": { "echo": { "behaviour": "echo" } },
          "scenarios": [
            { "name": "calls",
              "networks": ["clean", "wifi", "mobile", "satellite", "dsl"],
              "responder": "echo",
              "repeat": 7,
              "timeout": "1s",
              "tolerance": "20%",
              "senders": [
                { "name": "calls", "flows": 20, "rate": "50pps", "payload": "200B", "duration": "1s" } ],
              "thresholds": [
                "ledger.forward_lost == 0",
                "ledger.backward_lost == 0",
                "loss.ratio < 20%",
                "rtt.p50 < 700ms",
                "delivered.ratio > 60%" ] }
          ]
        }

        """#)
}
