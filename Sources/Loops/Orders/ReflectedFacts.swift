import Metrics
import STAMP

/// The facts that a reflector told in the TLVs of its answers (RFC 8972 §4), for all flows of a
/// thread or of a sender.
package struct ReflectedFacts: BitwiseCopyable, Sendable, Codable, Equatable {
    package var counts = ExtensionCounts()
    /// The marks with which the answered probes arrived at the reflector, those alone of which an
    /// answer told them.
    package var marks = MarkCounts()
    /// The reflector's timestamps, as the last answer told them.
    package var timestamping: ReflectorTimestamping?

    package init() {}

    /// Records the TLVs of the first answer to a probe.
    /// - Parameter sent: The traffic class with which the probe was sent.
    mutating func record(_ returned: ReturnedExtensions, sent: UInt8) {
        counts.add(returned.condition)
        timestamping = returned.timestamping ?? timestamping
        if let told = returned.classOfService {
            marks.add(1, trafficClass: told.trafficClass, sent: sent, hopLimit: 0)
            if !told.isGranted { counts.codepointRefused += 1 }
        }
    }

    /// Adds the facts of another thread.
    package mutating func add(_ other: ReflectedFacts) {
        counts.add(other.counts)
        marks.add(other.marks)
        timestamping = other.timestamping ?? timestamping
    }
}
