import Metrics

/// The impairments that a relay applied: the truth with which the measured figures are compared.
package struct RelayReport: Codable, Sendable, Equatable {
    /// A direction of the relay: its accounts, and the counts of alterations.
    @dynamicMemberLookup
    package struct Way: Sendable, Equatable {
        package var accounts = Accounts()
        package var alterations = AlterationCounts()

        package init() {}

        package subscript<Value>(dynamicMember path: WritableKeyPath<Accounts, Value>) -> Value {
            get { accounts[keyPath: path] }
            set { accounts[keyPath: path] = newValue }
        }

        /// The datagrams that were not forwarded because of this host and not of the plan.
        package var lostToHost: Int {
            (accounts.drops ?? 0) + accounts.noMemory + accounts.noFlow + accounts.flowGone
                + accounts.sendFailed
        }
    }

    /// The accounts of one direction. Every received datagram is in exactly one of them:
    ///
    ///     received = forwarded + lost + blackholed + refused + tail_dropped + no_memory + no_flow
    ///              + flow_gone + send_failed + held_at_stop + hop_limit
    package struct Accounts: Codable, Sendable, Equatable {
        package var received = 0
        package var forwarded = 0
        package var lost = 0
        package var blackholed = 0
        package var refused = 0
        package var tailDropped = 0
        package var noMemory = 0
        package var noFlow = 0
        package var flowGone = 0
        package var sendFailed = 0
        package var heldAtStop = 0
        package var hopLimit = 0
        package var duplicated = 0
        package var reordered = 0
        package var reorderExpired = 0
        /// The datagrams with one alteration or several.
        package var altered = 0
        package var foreign = 0
        /// The SO_MEMINFO drops of the relay's sockets.
        package var drops: Int? = 0
        package var delayNs: DelaySummary?
        /// The digest of all decisions, whatever their order: equal for equal seeds and traffic.
        package var decisions = ""

        package init() {}
    }

    /// The address on which the relay listened, and the one to which it sent.
    package var address: String
    package var target: String
    package var seed: Int
    package var ownDelayNs: DelaySummary?
    package var flows: Int
    package var heldMaxBytes: Int
    package var targetResets: Int
    package var clientResets: Int
    /// The failed receive calls by the errno's name, without resets.
    package var receiveErrors: [String: Int]
    package var forward: Way
    package var backward: Way

    package init(
        address: String, target: String, seed: Int, ownDelayNs: DelaySummary? = nil,
        flows: Int = 0, heldMaxBytes: Int = 0, targetResets: Int = 0, clientResets: Int = 0,
        receiveErrors: [String: Int] = [:], forward: Way = Way(), backward: Way = Way()
    ) {
        self.address = address
        self.target = target
        self.seed = seed
        self.ownDelayNs = ownDelayNs
        self.flows = flows
        self.heldMaxBytes = heldMaxBytes
        self.targetResets = targetResets
        self.clientResets = clientResets
        self.receiveErrors = receiveErrors
        self.forward = forward
        self.backward = backward
    }
}

/// Coding as one object: the keys of the accounts and those of the alterations.
extension RelayReport.Way: Codable {
    package init(from decoder: any Decoder) throws {
        accounts = try RelayReport.Accounts(from: decoder)
        alterations = try AlterationCounts(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        try accounts.encode(to: encoder)
        try alterations.encode(to: encoder)
    }
}
