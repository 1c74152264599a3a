/// The batch and offload features of a stream (design §7).
package struct OffloadKnobs: Sendable, Equatable {
    package enum Knob: String, Sendable {
        /// Used where it works and helps; for `gso` and `gro` see
        /// `ScenarioDefinition.usesOffloadByDefault(for:)`.
        case auto
        /// Used wherever the kernel takes it, whatever the plan is about.
        case on
        case off
    }

    package var sendmmsg = Knob.auto
    package var gso = Knob.auto
    package var recvmmsg = Knob.auto
    package var gro = Knob.auto
}
