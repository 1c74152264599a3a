import JSON
import Metrics

extension Report {
    /// The maximum size of a written report.
    package static let bytesMax = 16 << 20
    /// The minimum sizes of an interval, a loss run and a bucket.
    private static let intervalBytesLeast = 200
    private static let lossRunBytesLeast = 80
    private static let bucketBytesLeast = 30
    /// The maximum size of everything else in a stream or a run, without a command's output.
    private static let otherBytes = 64 << 10
    private static let outputLinesLeast = 20
    private static let outputLineLeast = 200
    /// The maximum number of halvings of the lists: no stream has more than 2^20 intervals.
    private static let halvingsMax = 20

    /// Returns the report, shortened as far as necessary to have at most `limit` bytes.
    ///
    /// A plan whose report would be larger is refused, as far as that is known beforehand; the
    /// output of programs as responders is not. First their output is cut to its last lines. Then
    /// neighbouring intervals are merged, which keeps their sums but not their percentiles, and so
    /// are neighbouring buckets; the later half of the loss runs is left out. Each shortened run
    /// has a warning.
    package func bounded(to limit: Int = bytesMax) -> Report {
        guard mayBeLarger(than: limit), isLarger(than: limit) else { return self }
        var report = self
        report.cutOutput()
        for _ in 0..<Self.halvingsMax where report.isLarger(than: limit) {
            report.halveLists()
        }
        return report
    }

    /// Whether the report may be larger than `limit`, estimated without writing it, so that reports
    /// of ordinary size cost nothing more.
    private func mayBeLarger(than limit: Int) -> Bool {
        let plan = plan.effective.flatMap { try? $0.text(.pretty).utf8.count } ?? 0
        let bytes = runs.reduce(Self.otherBytes + 2 * plan) { sum, run in
            let responders = [run.responder].compactMap(\.self) + run.responders
            let output = responders.flatMap(\.outputTail).reduce(0) { $0 + 6 * $1.utf8.count }
            let streams = run.streams.reduce(0) { sum, stream in
                sum + 2 * Self.intervalBytesLeast * stream.intervals.count
                    + 2 * Self.lossRunBytesLeast * (stream.lossMap?.runs.count ?? 0)
                    + 2 * Self.bucketBytesLeast * stream.bucketCount + Self.otherBytes
            }
            return sum + output + streams + Self.otherBytes
        }
        return bytes > limit
    }

    private func isLarger(than limit: Int) -> Bool {
        guard let text = try? JSONCoding.encode(self).text(.report) else { return false }
        return text.utf8.count > limit
    }

    private mutating func cutOutput() {
        for index in runs.indices {
            let isCut =
                (runs[index].responder?.cutOutput(
                    lines: Self.outputLinesLeast, bytes: Self.outputLineLeast) ?? false)
            var cuts = isCut ? 1 : 0
            for instance in runs[index].responders.indices
            where runs[index].responders[instance].cutOutput(
                lines: Self.outputLinesLeast, bytes: Self.outputLineLeast)
            {
                cuts += 1
            }
            if cuts > 0 {
                runs[index].warn(
                    "the output of its responder is cut to the last \(Self.outputLinesLeast) "
                        + "lines, so that the report keeps to its size")
            }
        }
    }

    private mutating func halveLists() {
        for index in runs.indices {
            var isHalved = false
            for stream in runs[index].streams.indices {
                runs[index].streams[stream].halveLists()
                guard runs[index].streams[stream].intervals.count > 1 else { continue }
                runs[index].streams[stream].halveIntervals()
                isHalved = true
            }
            if isHalved {
                runs[index].warn(
                    "its intervals are longer than they were measured, and without percentiles, "
                        + "so that the report keeps to its size")
            }
        }
    }
}

extension RunReport {
    fileprivate mutating func warn(_ sentence: String) {
        if !warnings.contains(sentence) { warnings.append(sentence) }
    }
}

extension ResponderReport {
    /// Cuts the output.
    /// - Returns: Whether there was more.
    fileprivate mutating func cutOutput(lines: Int, bytes: Int) -> Bool {
        let cut = outputTail.suffix(lines).map {
            String(decoding: $0.utf8.prefix(bytes), as: UTF8.self)
        }
        defer { outputTail = cut }
        return cut != outputTail
    }
}

extension StreamReport {
    private var distributions: [DelaySummary?] {
        [
            rttNs, rttIntendedNs, oneWayNs, stackNs, pacing.errorNs,
        ]
    }

    /// The number of buckets of all histograms.
    fileprivate var bucketCount: Int {
        distributions.reduce(0) { $0 + ($1?.buckets?.count ?? 0) }
    }

    /// Leaves out half of the loss runs, and merges pairs of buckets.
    fileprivate mutating func halveLists() {
        if let map = lossMap, map.runs.count > 1 {
            let others = map.runs[(map.runs.count / 2)...]
            lossMap = LossMapReport(
                runs: Array(map.runs.prefix(map.runs.count / 2)),
                runsLeftOut: map.runsLeftOut + others.count,
                probesLeftOut: map.probesLeftOut + others.reduce(0) { $0 + $1.count })
        }
        let longest = distributions.compactMap { $0?.buckets?.count }.max()
        if let longest { mergeBuckets(to: max(1, (longest + 1) / 2)) }
    }

    /// Merges pairs of intervals.
    fileprivate mutating func halveIntervals() {
        intervals = stride(from: 0, to: intervals.count, by: 2).map { index in
            index + 1 < intervals.count
                ? intervals[index].joined(with: intervals[index + 1])
                : intervals[index].withoutPercentiles
        }
        intervalNs = intervalNs.map { 2 * $0 }
    }
}

extension IntervalFigures {
    fileprivate var withoutPercentiles: IntervalFigures {
        var figures = self
        (figures.rttP50Ns, figures.rttP99Ns) = (nil, nil)
        return figures
    }

    fileprivate func joined(with next: IntervalFigures) -> IntervalFigures {
        var figures = withoutPercentiles
        figures.lengthNs = lengthNs.flatMap { own in next.lengthNs.map { own + $0 } }
        figures.sent += next.sent
        figures.skipped = skipped.flatMap { own in next.skipped.map { own + $0 } }
        figures.lostBy = lostBy.flatMap { own in
            next.lostBy.map { own.merging($0, uniquingKeysWith: +) }
        }
        figures.heat = heat.flatMap { own in next.heat.map(own.joined) }
        figures.refused += next.refused
        figures.received += next.received
        figures.lost += next.lost
        figures.duplicates += next.duplicates
        figures.reordered += next.reordered
        let due = figures.sent + figures.refused
        let awaitsAnswers = availability != nil || next.availability != nil
        figures.availability =
            awaitsAnswers && due > 0 ? Double(figures.sent - figures.lost) / Double(due) : nil
        return figures
    }
}
