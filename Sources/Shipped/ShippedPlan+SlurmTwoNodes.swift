extension ShippedPlan {
    static let slurmTwoNodes = ShippedPlan(
        "slurm-two-nodes",
        #"""
        {
          "$schema": "plan.schema.json",
          "plan": 1,
          "name": "slurm-two-nodes",
          "x-about": "Two nodes of a Slurm cluster and the fabric between them, in both directions.",
          "x-run": "salloc --nodes=2 --nodelist=n1,n2 --time=5 udplab run FILE",
          "hosts": {
            "n1": {
              "launch": ["srun", "--overlap", "-N1", "-n1", "-w", "n1", "--quiet"],
              "udplab": "/shared/udplab", "consent": true },
            "n2": {
              "launch": ["srun", "--overlap", "-N1", "-n1", "-w", "n2", "--quiet"],
              "udplab": "/shared/udplab", "consent": true } },
          "networks": {
            "fabric": { "kind": "path", "at": { "n1": "192.0.2.11", "n2": "192.0.2.12" } } },
          "responders": { "far": { "behaviour": "echo", "host": "n2" } },
          "scenarios": [
            { "name": "exchange",
              "networks": ["fabric"],
              "directions": ["forward", "backward"],
              "responder": "far",
              "tolerance": "10%",
              "senders": [
                { "name": "messages", "host": "n1", "flows": 4, "rate": "250pps", "payload": "512B",
                  "duration": "2s", "max_burst": 4 } ],
              "thresholds": [ "loss.ratio < 1%" ] }
          ]
        }

        """#)
}
