/// The batch and offload features of a stream.
package struct OffloadKnobs: Codable, Sendable, Equatable {
    package enum Knob: String, CaseIterable, Codable, Sendable {
        /// Used where the feature works and helps; for `gso` and `gro` see
        /// `ScenarioDefinition.usesOffloadByDefault(for:)`.
        case auto
        /// Used wherever the kernel supports the feature, whatever the plan measures.
        case on
        case off
    }

    package var sendmmsg = Knob.auto
    package var gso = Knob.auto
    package var recvmmsg = Knob.auto
    package var gro = Knob.auto

    package init(
        sendmmsg: Knob = .auto, gso: Knob = .auto, recvmmsg: Knob = .auto, gro: Knob = .auto
    ) {
        self.sendmmsg = sendmmsg
        self.gso = gso
        self.recvmmsg = recvmmsg
        self.gro = gro
    }
}
