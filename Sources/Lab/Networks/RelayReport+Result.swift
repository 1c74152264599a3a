import Reports
import Workers

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
        let accounts = result.accounts
        received = accounts.received
        forwarded = accounts.forwarded
        lost = accounts.lost
        blackholed = accounts.blackholed
        refused = accounts.refused
        tailDropped = accounts.tailDropped
        noMemory = accounts.noMemory
        noFlow = accounts.noFlow
        flowGone = accounts.flowGone
        sendFailed = accounts.sendFailed
        heldAtStop = accounts.heldAtStop
        hopLimit = accounts.hopLimit
        duplicated = accounts.duplicated
        reordered = accounts.reordered
        reorderExpired = accounts.reorderExpired
        corrupted = accounts.corrupted
        foreign = accounts.foreign
        drops = result.drops
        delayNs = result.delayNs
        decisions = result.decisions
    }
}
