import Loops
import Reports

extension RelayReport {
    package init(address: String, target: String, seed: Int, _ result: RelayResult) {
        self.init(
            address: address, target: target, seed: seed, ownDelayNs: result.ownDelayNs,
            flows: result.flows, heldMaxBytes: result.heldBytesMax,
            targetResets: result.targetResets, clientResets: result.clientResets,
            receiveErrors: result.receiveErrors,
            forward: Way(result.forward), backward: Way(result.backward))
    }
}

extension RelayReport.Way {
    init(_ result: RelayDirectionResult) {
        self.init()
        let found = result.accounts
        accounts.received = found.received
        accounts.forwarded = found.forwarded
        accounts.lost = found.lost
        accounts.blackholed = found.blackholed
        accounts.refused = found.refused
        accounts.tailDropped = found.tailDropped
        accounts.noMemory = found.noMemory
        accounts.noFlow = found.noFlow
        accounts.flowGone = found.flowGone
        accounts.sendFailed = found.sendFailed
        accounts.heldAtStop = found.heldAtStop
        accounts.hopLimit = found.hopLimit
        accounts.duplicated = found.duplicated
        accounts.reordered = found.reordered
        accounts.reorderExpired = found.reorderExpired
        accounts.altered = found.altered
        accounts.foreign = found.foreign
        accounts.drops = result.drops
        accounts.delayNs = result.delayNs
        accounts.decisions = result.decisions
        alterations = AlterationCounts(result.alterations)
    }
}
