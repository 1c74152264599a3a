import STAMP

/// The settings of a STAMP session (RFC 8762), of a sender or of a reflector.
package struct StampSettings: Codable, Sendable, Equatable {
    package var format: TimestampFormat
    /// The file of the key for authenticated mode; nil for unauthenticated mode.
    package var keyFile: String?
    /// Whether the reflector counts the answers of each session; nil if only the answers tell.
    package var isStateful: Bool?
    /// The facts that the sender asks the reflector for (RFC 8972 §4).
    package var extensions: [RequestedExtension]

    package init(
        format: TimestampFormat = .ntp, keyFile: String? = nil, isStateful: Bool? = nil,
        extensions: [RequestedExtension] = []
    ) {
        self.format = format
        self.keyFile = keyFile
        self.isStateful = isStateful
        self.extensions = extensions
    }
}
