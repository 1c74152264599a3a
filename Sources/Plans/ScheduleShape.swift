import JSON
import Load
import Reports

/// The schedule of a sender as the plan says it, before its rate is known.
enum ScheduleText: Sendable {
    /// Constant distances, or random ones.
    case arrivals(SendSchedule.Arrivals)
    /// Bursts of so many, at the sender's rate or every so many nanoseconds.
    case bursts(size: Int, everyNs: Int?)
    /// From the sender's rate to another one in the time of the sender, in so many equal steps or
    /// in a straight line.
    case ramp(to: RateText, steps: Int?, SendSchedule.Arrivals)
    case onOff(onNs: Int, offNs: Int, SendSchedule.Arrivals)
    case trace(SendSchedule.Trace)
}

extension Shape where Value == ScheduleText {
    /// A word, or a model with its parameters.
    static let schedule = short(
        .choice([
            "constant": .arrivals(.constant), "poisson": .arrivals(.poisson),
        ]), or: models("schedule", [bursts, ramp, steps, onOff, trace]))

    private static let arrivals = Field.optional(
        "arrivals",
        Shape<SendSchedule.Arrivals>.choice(["constant": .constant, "poisson": .poisson]),
        "The distances of the datagrams at each rate: equal, or those of a Poisson process.",
        absent: SendSchedule.Arrivals.constant, written: .string("constant"))

    private static let bursts: Model<ScheduleText> = {
        let size = Field.required(
            "size", .integer(PlanLimits.burst, example: 20),
            "The datagrams of a flow that are due at the same time.")
        let every = Field.optional(
            "every", .quantity(PlanLimits.burstDistance, example: "100ms"),
            "The time from one burst of a flow to its next; in place of \"rate\".")
        return Model("bursts", [size.declaration, every.declaration]) { object in
            object(size).map { .bursts(size: $0, everyNs: object(every)) }
        }
    }()

    private static let ramp: Model<ScheduleText> = {
        let to = Field.required(
            "to", .rate, "The rate at the end; \"rate\" is the one at the start.")
        return Model("ramp", [to.declaration, arrivals.declaration]) { object in
            guard let to = object(to), let arrivals = object(arrivals) else { return nil }
            return .ramp(to: to, steps: nil, arrivals)
        }
    }()

    private static let steps: Model<ScheduleText> = {
        let to = Field.required(
            "to", .rate, "The rate of the last step; \"rate\" is that of the first.")
        let count = Field.required(
            "steps", .integer(PlanLimits.rateSteps, example: 10),
            "The number of steps, all of the same length and distance.")
        return Model(
            "steps", [to.declaration, count.declaration, arrivals.declaration]
        ) { object in
            let values = (object(to), object(count), object(arrivals))
            guard let to = values.0, let count = values.1, let arrivals = values.2
            else { return nil }
            return .ramp(to: to, steps: count, arrivals)
        }
    }()

    private static let onOff: Model<ScheduleText> = {
        let on = Field.required(
            "on", .quantity(PlanLimits.burstDistance, example: "400ms"),
            "The time in which a flow sends at the rate.")
        let off = Field.required(
            "off", .quantity(PlanLimits.burstDistance, example: "600ms"),
            "The time after it in which it sends nothing.")
        return Model(
            "on-off", [on.declaration, off.declaration, arrivals.declaration]
        ) { object in
            let values = (object(on), object(off), object(arrivals))
            guard let on = values.0, let off = values.1, let arrivals = values.2
            else { return nil }
            return .onOff(onNs: on, offNs: off, arrivals)
        }
    }()

    private static let trace: Model<ScheduleText> = {
        let file = Field.required(
            "file", .path(such: "times.csv"),
            "A file with one time per line, from the start on and in ascending order, such as "
                + "\"12.5ms\", relative to the folder of the plan. Each flow sends at these times. "
                + "What follows a comma is a size, which \"payload\" may take from the same file.")
        let round = Field.optional(
            "round", .quantity(PlanLimits.duration, example: "10s"),
            "The time after which the file begins again; without it the last time and the mean "
                + "distance.")
        return Model("trace", [file.declaration, round.declaration]) { object in
            guard let path = object(file) else { return nil }
            let roundNs = object(round)
            if object.has(round.key), roundNs == nil { return nil }
            do throws(PlanError) {
                let problems = object.problems
                let plan = problems.file(of: object.node[file.key] ?? object.node)
                problems.note(fileRead: DelayTrace.place(of: path, besides: plan))
                return .trace(
                    try SendTimesFile.load(path, besides: plan, roundNs: roundNs.map(Int64.init)))
            } catch {
                object.report(error.description, at: file.key)
                return nil
            }
        }
    }()
}

/// A file of send times: one per line, in ascending order.
enum SendTimesFile {
    static func load(
        _ path: String, besides plan: String, roundNs: Int64?
    ) throws(PlanError) -> SendSchedule.Trace {
        let place = DelayTrace.place(of: path, besides: plan)
        let file = BoundedFile(what: "a file of send times", bytesMax: PlanLimits.traceBytesMax)
        let times = try DelayTrace.read(
            try file.planBytes(of: place), place: place, PlanLimits.traceTime, "times",
            column: .first)
        for (index, pair) in zip(times, times.dropFirst()).enumerated() where pair.0 > pair.1 {
            throw .file("\(place.shown): time \(index + 2) is before the one above it")
        }
        let last = times[times.count - 1]
        guard let roundNs else {
            let mean = last / Int64(max(1, times.count - 1))
            guard last > 0 else {
                throw .file("\(place.shown): all times are 0: say how long a \"round\" is")
            }
            return SendSchedule.Trace(offsetsNs: times, roundNs: last + max(1, mean))
        }
        guard roundNs > last else {
            throw .file("\(place.shown): has a time after the end of the \"round\"")
        }
        return SendSchedule.Trace(offsetsNs: times, roundNs: roundNs)
    }
}
