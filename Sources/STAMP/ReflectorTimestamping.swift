/// The source of synchronization of a reflector's clock (RFC 8972, table 7).
package enum SynchronizationSource: String, Sendable, Codable, CaseIterable {
    case ntp
    case ptp
    /// Synchronization supply unit, or building integrated timing supply.
    case supply = "ssu-bits"
    /// GPS, GLONASS, LORAN-C, BDS or Galileo.
    case satellite
    case freeRunning = "free-running"

    /// - Returns: nil for a value that the table does not have.
    package init?(code: UInt8) {
        switch code {
        case 1: self = .ntp
        case 2: self = .ptp
        case 3: self = .supply
        case 4: self = .satellite
        case 5: self = .freeRunning
        default: return nil
        }
    }
}

/// The method by which a reflector obtains a timestamp (RFC 8972, table 9).
package enum TimestampingMethod: String, Sendable, Codable, CaseIterable {
    case hardware
    case software
    case controlPlane = "control-plane"

    /// - Returns: nil for a value that the table does not have.
    package init?(code: UInt8) {
        switch code {
        case 1: self = .hardware
        case 2: self = .software
        case 3: self = .controlPlane
        default: return nil
        }
    }
}

/// The facts of a reflector about its timestamps (RFC 8972 §4.3), at its ingress and its egress, as
/// the codes on the wire.
package struct ReflectorTimestamping: BitwiseCopyable, Sendable, Codable, Equatable {
    package var sourceIn: UInt8
    package var methodIn: UInt8
    package var sourceOut: UInt8
    package var methodOut: UInt8

    package init(sourceIn: UInt8, methodIn: UInt8, sourceOut: UInt8, methodOut: UInt8) {
        self.sourceIn = sourceIn
        self.methodIn = methodIn
        self.sourceOut = sourceOut
        self.methodOut = methodOut
    }

    /// The codes that are in neither table, each once.
    package var unknownCodes: [UInt8] {
        let sources = [sourceIn, sourceOut].filter { SynchronizationSource(code: $0) == nil }
        let methods = [methodIn, methodOut].filter { TimestampingMethod(code: $0) == nil }
        return Set(sources + methods).sorted()
    }
}
