/// The statistics of a stream as numbers that a message carries to where several hosts' statistics
/// are merged: exact, in a fixed order, without what is empty.
///
/// A table with empty places is the number of the others, and of each the distance from the one
/// before it and its value.
package struct StatisticsImage: Codable, Sendable, Equatable {
    private(set) var numbers: [Int] = []

    init() {}

    package init(from decoder: any Decoder) throws {
        numbers = try decoder.singleValueContainer().decode([Int].self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(numbers)
    }

    /// A fault of an image, which another build of udplab made or a line has damaged.
    package struct Fault: Error, CustomStringConvertible {
        package let description: String
    }
}

/// The writer of an image.
extension StatisticsImage {
    mutating func put(_ values: Int...) { numbers += values }

    mutating func put(_ values: Int64...) { numbers += values.map { Int($0) } }

    /// Adds a number of 128 bits as two of 64.
    mutating func put(wide value: Int128) {
        put(Int(truncatingIfNeeded: value >> 64), Int(truncatingIfNeeded: value))
    }

    mutating func put(wide value: UInt128) { put(wide: Int128(truncatingIfNeeded: value)) }

    /// Adds a table of which most places are empty.
    mutating func put(table count: Int, _ value: (Int) -> Int) {
        let start = numbers.count
        put(0)
        var (filled, last) = (0, 0)
        for place in 0..<count where value(place) != 0 {
            put(place - last, value(place))
            (filled, last) = (filled + 1, place)
        }
        numbers[start] = filled
    }
}

/// The reader of an image, from its begin to its end.
struct StatisticsImageReader: ~Copyable {
    private let numbers: [Int]
    private var next = 0

    init(_ image: StatisticsImage) { numbers = image.numbers }

    mutating func take() throws(StatisticsImage.Fault) -> Int {
        guard next < numbers.count else {
            throw StatisticsImage.Fault(description: "an image of statistics that is cut off")
        }
        defer { next += 1 }
        return numbers[next]
    }

    /// The limit of a number of datagrams: those of twelve days at a million a second.
    private static let countLimit = 1 << 40

    /// Takes a number of datagrams or of places.
    mutating func takeCount() throws(StatisticsImage.Fault) -> Int {
        let count = try take()
        guard count >= 0, count < Self.countLimit else {
            throw StatisticsImage.Fault(
                description: "a count of \(count) in an image of statistics")
        }
        return count
    }

    mutating func takeTime() throws(StatisticsImage.Fault) -> Int64 { Int64(try take()) }

    mutating func takeWide() throws(StatisticsImage.Fault) -> Int128 {
        let high = Int128(try take()) << 64
        return high | Int128(UInt64(bitPattern: Int64(try take())))
    }

    mutating func takeWideCount() throws(StatisticsImage.Fault) -> UInt128 {
        let value = try takeWide()
        guard value >= 0, value < 1 << 124 else {
            throw StatisticsImage.Fault(description: "a sum of \(value) in an image of statistics")
        }
        return UInt128(value)
    }

    /// Calls `add` for each filled place of a table of `count` places.
    mutating func takeTable(
        _ count: Int, _ add: (_ place: Int, _ value: Int) -> Void
    ) throws(StatisticsImage.Fault) {
        var place = 0
        for _ in 0..<(try takeCount()) {
            place += try takeCount()
            let value = try takeCount()
            guard place < count else {
                throw StatisticsImage.Fault(
                    description: "place \(place) of \(count) in an image of statistics")
            }
            add(place, value)
        }
    }

    consuming func end() throws(StatisticsImage.Fault) {
        guard next == numbers.count else {
            throw StatisticsImage.Fault(
                description: "\(numbers.count - next) numbers more in an image of statistics")
        }
    }
}

// MARK: - A stream

extension StreamStatistics {
    /// Returns the statistics as numbers. The lists of loss runs, outages and parts are not in it:
    /// they are in results of their own.
    package func image() -> StatisticsImage {
        var image = StatisticsImage()
        image.put(
            sentCount, inTimeCount, lateCount, neverCount, duplicateCount, replicatedCount,
            wrongCount)
        image.put(
            discarded.fromFuture, discarded.beyondWindow, discarded.corrupt, discarded.impossible)
        delays.put(into: &image)
        intendedDelays.put(into: &image)
        delayVariation.put(into: &image)
        pacingErrors.put(into: &image)
        losses.put(into: &image)
        reordering.put(into: &image)
        intervals.put(into: &image)
        stages.put(into: &image)
        putJitter(into: &image)
        return image
    }

    /// Adds the statistics of another host, recorded with a configuration that differs in its
    /// times at most.
    /// - Parameter tooLongNs: By how much every delay there was recorded too long.
    package mutating func add(
        _ image: StatisticsImage, tooLongNs: Int64 = 0
    ) throws(StatisticsImage.Fault) {
        var reader = StatisticsImageReader(image)
        sentCount += try reader.takeCount()
        inTimeCount += try reader.takeCount()
        lateCount += try reader.takeCount()
        neverCount += try reader.takeCount()
        duplicateCount += try reader.takeCount()
        replicatedCount += try reader.takeCount()
        wrongCount += try reader.takeCount()
        discarded.fromFuture += try reader.takeCount()
        discarded.beyondWindow += try reader.takeCount()
        discarded.corrupt += try reader.takeCount()
        discarded.impossible += try reader.takeCount()
        try delays.add(&reader, tooLongNs: tooLongNs)
        try intendedDelays.add(&reader)
        try delayVariation.add(&reader)
        try pacingErrors.add(&reader)
        try losses.add(&reader)
        try reordering.add(&reader)
        try intervals.add(&reader, tooLongNs: tooLongNs)
        try stages.add(&reader, tooLongNs: tooLongNs)
        try addJitter(&reader)
        try reader.end()
    }
}
