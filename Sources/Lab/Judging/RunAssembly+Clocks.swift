import Loops
import Metrics
import Plans
import Reports

/// The one-way delays between two hosts, whose clocks are known to be one up to an error.
extension RunAssembly {
    /// The delays of a stream between hosts as its responder recorded them, against those of one
    /// clock.
    private struct Correction {
        /// By how much every delay was recorded too long.
        let tooLongNs: Int64
        /// The largest error that is left.
        let errorNs: Int64
        let source: OneWayDelays.Source
    }

    /// Returns how well the clocks of a stream's ends agree.
    /// - Parameter measured: The delays of a stream without answers, as they were measured.
    func oneWayClock(_ index: Int, measured: DelaySummary?) -> OneWayClockReport {
        guard let correction = correction(index) else {
            return OneWayClockReport(
                errorNs: 0, errorSource: .oneHost, atMostNs: measured?.max)
        }
        let longestNs = measured?.max.map {
            max(0, $0 - Int(correction.tooLongNs)) + Int(correction.errorNs)
        }
        return OneWayClockReport(
            errorNs: Int(correction.errorNs), errorSource: correction.source,
            atMostNs: longestNs)
    }

    /// The largest error of the one-way delays of a stream.
    func clockErrorNs(_ index: Int) -> Int { Int(clockShift(index)?.errorNs ?? 0) }

    /// Returns a one-way stream's figures with delays of one clock; without delays, if their median
    /// is within the error.
    func onOneClock(_ index: Int, _ figures: StreamFigures) -> StreamFigures {
        guard let correction = correction(index) else { return figures }
        var figures = figures
        figures.oneWayNs = figures.oneWayNs.map { $0.shortened(byNs: Int(correction.tooLongNs)) }
        let median = figures.oneWayNs?.p50 ?? 0
        if Int64(median) < correction.errorNs { figures.oneWayNs = nil }
        for index in figures.intervals.indices {
            figures.intervals[index].rttP50Ns = figures.intervals[index].rttP50Ns.map {
                max(0, $0 - Int(correction.tooLongNs))
            }
            figures.intervals[index].rttP99Ns = figures.intervals[index].rttP99Ns.map {
                max(0, $0 - Int(correction.tooLongNs))
            }
        }
        return figures
    }

    /// Returns the correction for a stream between hosts; nil on one host. The delays of several
    /// hosts were corrected when they were merged.
    private func correction(_ index: Int) -> Correction? {
        guard let shift = clockShift(index) else { return nil }
        let part = layout.measuredParts(index).first
        let isCorrected = outcome.fleets[index] != nil
        return Correction(
            tooLongNs: isCorrected
                ? 0 : (part.map(layout.clockErrorNs) ?? 0) + shift.aheadNs,
            errorNs: shift.errorNs, source: shift.source)
    }

    /// Returns by how much the clock of a stream's responder was ahead of the sender's, and the
    /// largest error of that over all its hosts; nil on one host.
    func clockShift(_ index: Int) -> RunClock.Shift? {
        let shifts = layout.measuredParts(index).compactMap {
            outcome.clockShift(part: $0, layout)
        }
        guard var shift = shifts.first, let worst = shifts.max(by: { $0.errorNs < $1.errorNs })
        else { return nil }
        (shift.errorNs, shift.source) = (worst.errorNs, worst.source)
        return shift
    }

    /// Returns a sentence on each host whose statement about its own clock is not believed.
    func clockNotes() -> [String] {
        guard outcome.identity.crossesHosts else { return [] }
        return outcome.clocks.sorted { $0.key < $1.key }.compactMap { name, clock in
            guard clock.stated.stated != nil else { return nil }
            let found = clock.shift(from: outcome.startNs, to: outcome.endNs, named: name)
            return found?.refusal.map {
                "\($0): their own statements are not believed, and one-way delays have the error of "
                    + "the exchanges"
            }
        }
    }
}

extension RunOutcome {
    /// Returns by how much the clock of a part's responder was ahead of the sender's, and the
    /// largest error of that; nil on one host.
    ///
    /// The clocks of both ends were shifted to the runner's by what was known before the run. If
    /// neither end is the runner's, the error is the sum of both, and has the source of the larger.
    func clockShift(part: Int, _ layout: RunLayout) -> RunClock.Shift? {
        let near = layout.sendingHost(ofPart: part)
        let far = layout.host(ofInstance: layout.parts[part].instance)
        guard identity.crossesHosts, near != far else { return nil }
        var shift = RunClock.Shift()
        var largestNs: Int64 = -1
        for (host, sign) in [(far, Int64(1)), (near, -1)] {
            guard let host, let clock = clocks[host],
                let (found, _) = clock.shift(from: startNs, to: endNs, named: host)
            else { continue }
            shift.aheadNs += sign * found.aheadNs
            shift.errorNs += found.errorNs
            if found.errorNs > largestNs {
                (largestNs, shift.source) = (found.errorNs, found.source)
            }
        }
        return shift
    }
}

extension DelaySummary {
    /// Returns the summary with every value less by a constant; none is below zero.
    func shortened(byNs shiftNs: Int) -> DelaySummary {
        var result = self
        for path in [
            \DelaySummary.min, \.p50, \.p75, \.p90, \.p95, \.p99, \.p999, \.p9999, \.max,
        ] {
            result[keyPath: path] = self[keyPath: path].map { Swift.max(0, $0 - shiftNs) }
        }
        result.mean = mean.map { Swift.max(0, $0 - Double(shiftNs)) }
        result.buckets = buckets?.map { bucket in
            DelayBucket(upperNs: Swift.max(0, bucket.upperNs - shiftNs), count: bucket.count)
        }
        return result
    }
}
