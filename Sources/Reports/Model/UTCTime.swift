import Glibc

/// A time of the wall clock, for display: no duration is ever computed from it.
package struct UTCTime: Equatable, Hashable, Sendable {
    /// The milliseconds since 1970-01-01T00:00:00Z, without leap seconds (clock_gettime(2),
    /// CLOCK_REALTIME).
    package let millisecondsSince1970: Int64

    package init(millisecondsSince1970: Int64) {
        self.millisecondsSince1970 = millisecondsSince1970
    }

    package init(nanosecondsSince1970: Int64) {
        self.init(millisecondsSince1970: nanosecondsSince1970.floored(by: 1_000_000).quotient)
    }

    package static func now() -> UTCTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UTCTime(
            millisecondsSince1970: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// The time as `20251122T143700.123Z`, the basic format of ISO 8601: it sorts, and fits into a
    /// file name.
    package var compact: String { text(between: "", and: "") }

    /// The time of day as `14:37:00.123Z`.
    package var clock: String { String(description.suffix(13)) }

    /// The time of day at this user's place, as `15:37:00.123`: by TZ or /etc/localtime (tzset(3)).
    package var localClock: String {
        let (seconds, milliseconds) = millisecondsSince1970.floored(by: 1_000)
        var time = time_t(seconds)
        var parts = tm()
        localtime_r(&time, &parts)
        let clock = [digits(parts.tm_hour), digits(parts.tm_min), digits(parts.tm_sec)]
        return clock.joined(separator: ":") + "." + digits(Int32(milliseconds), 3)
    }

    private func text(between dateSeparator: String, and timeSeparator: String) -> String {
        let (seconds, milliseconds) = millisecondsSince1970.floored(by: 1_000)
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        let year = digits(parts.tm_year + 1_900, 4)
        let date = [year, digits(parts.tm_mon + 1), digits(parts.tm_mday)]
        let clock = [digits(parts.tm_hour), digits(parts.tm_min), digits(parts.tm_sec)]
        return date.joined(separator: dateSeparator) + "T" + clock.joined(separator: timeSeparator)
            + "." + digits(Int32(milliseconds), 3) + "Z"
    }

    private func digits(_ value: Int32, _ count: Int = 2) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, count - text.count)) + text
    }
}

extension UTCTime: CustomStringConvertible {
    /// The time as `2025-11-22T14:37:00.123Z`, RFC 3339.
    package var description: String { text(between: "-", and: ":") }
}

extension Int64 {
    /// Divides towards minus infinity, so that a time before 1970 keeps a positive fraction.
    fileprivate func floored(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

extension UTCTime: Codable {
    /// Encodes `description`.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let time = UTCTime(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\"\(text)\" is no YYYY-MM-DDTHH:MM:SS.mmmZ")
        }
        self = time
    }

    /// Parses text in the form of `description`, and no other.
    package init?(_ text: String) {
        let fields = text.split { !$0.isWholeNumber }.compactMap { Int32($0) }
        // A field has at most nine digits, so the sums below cannot overflow.
        guard fields.count == 7, fields.allSatisfy({ $0 < 1_000_000_000 }) else { return nil }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (fields[0] - 1_900, fields[1] - 1, fields[2])
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (fields[3], fields[4], fields[5])
        self.init(millisecondsSince1970: Int64(timegm(&parts)) * 1_000 + Int64(fields[6]))
        guard description == text else { return nil }
    }
}
