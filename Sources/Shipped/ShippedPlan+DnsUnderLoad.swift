extension ShippedPlan {
    static let dnsUnderLoad = ShippedPlan(
        "dns-under-load",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "dns-under-load",
          "x-about": "Lookups of long names that arrive at random, 20 Mbit/s on the wire and marked EF, at a DNS server behind a network that delays and loses some. It needs dnsmasq (Debian: dnsmasq-base); put your own server in its place.",
          "networks": {
            "access": {
              "kind": "emulated",
              "forward": { "delay": "5ms", "jitter": "1ms", "loss": "0.5%" },
              "backward": { "delay": "5ms", "jitter": "1ms", "loss": "0.5%" } } },
          "responders": {
            "dnsmasq": {
              "command": [
                "dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--pid-file=",
                "--port={port}", "--listen-address={host}", "--bind-interfaces",
                "--address=/example.test/192.0.2.1",
                "--address=/example.test/2001:db8::1" ] } },
          "scenarios": [
            { "name": "lookups",
              "networks": ["access"],
              "responder": "dnsmasq",
              "tolerance": "10%",
              "senders": [
                { "name": "clients", "flows": 8, "total_rate": "20Mbit", "rate_of": "wire",
                  "schedule": "poisson", "dscp": "EF", "duration": "2s", "max_burst": 16,
                  "request": [
                    { "dns": { "name": "{random:60}.{random:60}.{random:60}.example.test" } },
                    { "dns": { "name": "{random:60}.{random:60}.{random:60}.example.test", "type": "AAAA" } },
                    { "dns": { "name": "{random:60}.{random:60}.{random:60}.example.test" } },
                    { "dns": { "name": "www.example.test" } } ] } ],
              "thresholds": [ "loss.ratio < 25%", "ledger.wrong_answer == 0", "rtt.p99 < 100ms" ] }
          ]
        }

        """#)
}
