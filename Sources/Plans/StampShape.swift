import JSON
import Load
import STAMP

/// The keys of STAMP (RFC 8762), which a path and a responder have in common.
enum StampShape {
    static let keyFile = Field.optional(
        "key_file", .path(such: "stamp.key"),
        "The file of the key for STAMP's authenticated mode (RFC 8762 §4.4), relative to the "
            + "folder of the plan; nobody but its owner may have rights to it.")
    static let format = Field.optional(
        "format", Shape<TimestampFormat>.choice(["ntp": .ntp, "ptp": .ptp]),
        "The format of STAMP's timestamps (RFC 8762 §4.2.1).",
        absent: .ntp, written: .string("ntp"))

    static let extensions = Field.optional(
        "extensions",
        .array(
            of: Shape<RequestedExtension>.choice([
                "timestamp-information": .timestampInformation,
                "class-of-service": .classOfService, "direct-measurement": .directMeasurement,
            ]),
            named: "extensions", count: 1...RequestedExtension.allCases.count, isUnique: true),
        "The facts that the reflector is asked for, each by a TLV in every packet (RFC 8972 §4): "
            + "\"timestamp-information\", how it takes its timestamps, \"class-of-service\", with "
            + "which marks the probes arrive, \"direct-measurement\", how many it has received and "
            + "answered.",
        absent: [], written: .array([]))

    /// Returns the settings.
    /// - Parameter hasFolder: Whether the path of the key is that of a file on this host.
    static func settings(
        _ keys: ObjectValues, hasFolder: Bool = true, isStateful: Bool? = nil
    ) -> StampSettings? {
        let (format, extensions) = (keys(format), keys(extensions))
        guard let format, let extensions else { return nil }
        let file = keys(keyFile).map { path in
            let node = keys.node[keyFile.key] ?? keys.node
            return hasFolder
                ? DelayTrace.place(of: path, besides: keys.problems.file(of: node)) : path
        }
        return StampSettings(
            format: format, keyFile: file, isStateful: isStateful, extensions: extensions)
    }
}
