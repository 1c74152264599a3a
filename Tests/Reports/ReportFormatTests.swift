import Glibc
import JSON
import Metrics
import Testing

@testable import Reports

@Suite("The report's format")
struct ReportFormatTests {
    private func json(_ report: Report) throws -> JSONValue {
        try JSONCoding.encode(report)
    }

    @Test func theModelAndTheFormatHaveTheSameKeys() throws {
        #expect(ReportFormat.problems(in: try json(Samples.full)) == [])
        // Both ways: a full sample has no null except those that exclude each other.
        var nulls: [String] = []
        collectNulls(try json(Samples.full), at: "$", into: &nulls)
        #expect(
            nulls == [
                "$.runs[0].streams[0].stamp.absence",
                "$.runs[0].workers[0].exit.signal", "$.runs[0].workers[1].exit.code",
                "$.runs[0].workers[1].cpu_seconds", "$.runs[0].workers[1].max_rss_bytes",
            ])
    }

    private func collectNulls(_ value: JSONValue, at path: String, into nulls: inout [String]) {
        switch value {
        case .null: nulls.append(path)
        case .array(let values):
            for (index, value) in values.enumerated() {
                collectNulls(value, at: "\(path)[\(index)]", into: &nulls)
            }
        case .object(let members):
            for member in members {
                collectNulls(member.value, at: "\(path).\(member.key)", into: &nulls)
            }
        default: break
        }
    }

    private static let ledger =
        "ledger{scheduled sent skipped waiting refused local_queue local_firewall too_big other_error "
        + "forward_injected forward_corrupt responder_overflow outage forward_lost untold "
        + "responder_received echoed echo_failed rejected backward_injected backward_corrupt "
        + "sender_overflow beyond_window backward_lost lost_unsplit received in_time late "
        + "wrong_answer}"

    @Test func theKeysOfAStreamAreThese() throws {
        let stream = try JSONCoding.encode(Samples.fullStream)
        #expect(
            outline(stream)
                == """
                sender kind flows payload_bytes timeout_ns
                features{sendmmsg gso recvmmsg gro timestamps error_queue}
                \(Self.ledger)
                delivered{ratio}
                loss{count ratio late never periods longest_burst mean_burst length_counts \
                longer_count gap_mean gap_min gap_max noticeable_distance noticeable_rate \
                conditional_probability}
                duplication{count fraction replicated_rate}
                reordering{count ratio extent{max mean unknown look_back_runs} \
                n_reordering{n1 n2 n3 max} \
                late_time_ns{count min mean p50 p75 p90 p95 p99 p999 p9999 max stddev buckets[upper_ns count]} \
                byte_offset{max mean} discontinuities{count size_mean size_max} \
                gaps{discontinuities count mean min max} \
                free_runs{count in_order squares mean variation}}
                rtt_ns{count min mean p50 p75 p90 p95 p99 p999 p9999 max stddev buckets[upper_ns count]}
                rtt_intended_ns{count min mean p50 p75 p90 p95 p99 p999 p9999 max stddev buckets[upper_ns count]}
                one_way_ns{count min mean p50 p75 p90 p95 p99 p999 p9999 max stddev buckets[upper_ns count]}
                one_way_clock{error_ns error_source at_most_ns}
                forward{loss{count ratio} one_way_ns{count min mean p50 p75 p90 p95 p99 p999 p9999 max stddev buckets[upper_ns count]} at_most_ns marks{count dscp_changed dscp_changed_ratio dscp_changed_to ecn_bleached ecn_changed not_ect ect0 ect1 ce ce_ratio ttl_min ttl_max}}
                backward{loss{count ratio} one_way_ns{count min mean p50 p75 p90 p95 p99 p999 p9999 max stddev buckets[upper_ns count]} at_most_ns marks{count dscp_changed dscp_changed_ratio dscp_changed_to ecn_bleached ecn_changed not_ect ect0 ect1 ce ce_ratio ttl_min ttl_max}}
                stamp{stateful loss_split_by untold_flows contradictory_flows absurd own_error_ns \
                far_error_ns absence extensions{told unrecognized malformed unauthentic altered \
                codepoint_refused sync_source_in timestamp_method_in sync_source_out \
                timestamp_method_out}}
                stack_ns{count min mean p50 p75 p90 p95 p99 p999 p9999 max stddev buckets[upper_ns count]}
                ipdv_ns{count min mean p50 p75 p90 p95 p99 p999 p9999 max stddev buckets[upper_ns count]}
                pdv_ns{count min mean p50 p75 p90 p95 p99 p999 p9999 max stddev buckets[upper_ns count]}
                rtp_jitter_ns
                pacing{intended_pps achieved_pps skipped \
                error_ns{count min mean p50 p75 p90 p95 p99 p999 p9999 max stddev buckets[upper_ns count]} largest_burst \
                stalls{count longest_ns total_ns share}}
                closed_loop{window shared_window think think_mean_ns}
                throughput{measured_ns sent_pps received_pps peak_received_pps \
                sent_bits_per_second received_bits_per_second}
                rejected{short truncated peer run_id warm_up from_future impossible corrupt \
                beyond_window unmatched}
                other_errors{EHOSTUNREACH}
                receive_errors{EIO}
                resets{policy socket seen retried refused unattributed queue_overflow \
                eaten_by_stale_error retries{attempted succeeded given_up} flows_ended \
                ended_ns times_ns times_left_out availability time_to_detect_ns \
                time_to_recover_ns resolution_ns \
                collateral_loss collateral{flows sent lost baseline_ratio} \
                outages[start_ns end_ns detected_ns recovered_ns flows probes cause_ns \
                returned_ns instance] outages_left_out}
                socket{receive_buffer_asked_bytes receive_buffer_granted_bytes \
                send_buffer_asked_bytes send_buffer_granted_bytes drops path_mtu_bytes \
                packet_too_big}
                addresses{local remote}
                fairness{index worst_flow worst_received best_flow best_received}
                fleet{start_spread_ns fairness hosts[host flows start_ns \
                \(Self.ledger) \
                loss_ratio delay_p50_ns delay_p99_ns stall_share sent_pps received_pps]}
                request{name answer first_wrong_answer}
                stages[start_ns length_ns offered_pps sent_pps sent skipped refused lost loss_ratio \
                delay_p50_ns delay_p99_ns]
                knee{stage offered_pps limit next_pps}
                voice{r_factor mos delay_ns loss_ratio burst_ratio}
                chat{members members_least members_most messages expected fanned_out failed \
                member_overflow lost delivered in_time late missing duplicates complete \
                delivered_least delivery_ns{count min mean p50 p75 p90 p95 p99 p999 p9999 max stddev buckets[upper_ns count]}}
                search{kind limit rate_pps payload_bits_per_second ip_bits_per_second \
                frame_bits_per_second width delivered_pps loss_ratio duration_ns \
                trials[outcome reason confirms duration_ns offered_pps sent_pps delivered_pps \
                loss_ratio delay_p50_ns delay_p99_ns delay_growth \
                \(Self.ledger)] \
                adjustment{best delay_least_ns delay_most_ns delay_range_ns is_congested last_row \
                sub_intervals[start_ns length_ns received lost reordered duplicates delay_least_ns \
                delay_most_ns row ip_bits_per_second] \
                steps[at_ns row sequence_errors delay_range_ns]}}
                interval_ns intervals[start_ns length_ns sent skipped refused received lost \
                lost_by{forward_lost} duplicates reordered rtt_p50_ns \
                rtt_p99_ns availability heat{first counts}]
                latency_course_ns{kind before after at_ns} \
                loss_course_ratio{kind before after at_ns}
                loss_map{runs[flow first last at_ns until_ns account] runs_left_out \
                probes_left_out}
                """.replacing("\n", with: " "))
    }

    private func outline(_ value: JSONValue) -> String {
        switch value {
        case .object(let members):
            return members.map { member in
                switch member.value {
                case .object: "\(member.key){\(outline(member.value))}"
                case .array(let values):
                    member.key
                        + (values.first.map { "[\(outline($0))]" } ?? "")
                        .replacing("[]", with: "")
                default: member.key
                }
            }.joined(separator: " ")
        default: return ""
        }
    }

    @Test func keysEndInTheirUnit() {
        let endings: [ReportUnit: [String]] = [
            .nanoseconds: ["_ns"], .bytes: ["_bytes"], .seconds: ["_seconds"],
            .packetsPerSecond: ["_pps"], .bitsPerSecond: ["_bits_per_second"],
            .milliseconds: [],
        ]
        // Named as in the design, in the RFC's summary or by the sysctl.
        let exempt = [
            "host.rmem_max", "other_host.rmem_max", "host.wmem_max", "host.icmp_ratelimit",
            "network.icmp_ratelimit", "byte_offset.max", "byte_offset.mean",
        ]
        for object in ReportFormat.objects where !object.name.hasSuffix("delays") {
            for field in object.fields where !exempt.contains("\(object.name).\(field.key)") {
                guard let unit = field.unit, let endings = endings[unit] else { continue }
                #expect(
                    endings.contains { field.key.hasSuffix($0) }, "\(object.name).\(field.key)")
            }
        }
    }

    @Test("L15 a run of no packets is a valid report whose percentiles are null, not 0")
    func l15NoPackets() throws {
        let stream = Samples.stream(scheduled: 0, received: 0)
        let report = Samples.report(.inconclusive, runs: [Samples.run(streams: [stream])])
        let text = report.sealed.text
        #expect(ReportFormat.problems(in: try json(report)) == [])
        let value = try JSONValue.parse(Array(text.utf8), limits: .report)
        guard case .array(let runs) = value["runs"], case .array(let streams) = runs[0]["streams"]
        else { throw JSONError(.mismatch, "no streams", at: nil) }
        #expect(streams[0]["rtt_ns"]?["count"] == .integer(0))
        for key in ["min", "mean", "p50", "p99", "max", "stddev"] {
            #expect(streams[0]["rtt_ns"]?[key] == .null, "\(key)")
        }
        #expect(streams[0]["loss"]?["ratio"] == .null)
        #expect(streams[0]["rtt_intended_ns"] == .null)
    }

    @Test("L15 a report without runs is valid") func l15NoRuns() throws {
        let report = Samples.report(.aborted, runs: [])
        #expect(ReportFormat.problems(in: try json(report)) == [])
    }

    @Test func aReportReadsBackAsWritten() throws {
        let text = Samples.full.sealed.text
        #expect(text.hasSuffix("}\n"))
        #expect(try Report(text: Array(text.utf8)) == Samples.full)
    }

    @Test func aReportOfAnotherFormatIsRefusedByNumber() throws {
        let text = Samples.full.sealed.text.replacing("\"report\": 1", with: "\"report\": 2")
        #expect(throws: JSONError.self) { try Report(text: Array(text.utf8)) }
    }

    @Test func theCheckNamesWhatIsWrong() {
        let value = JSONValue.object([
            JSONMember(key: "report", value: .integer(2)),
            JSONMember(key: "runs", value: .null), JSONMember(key: "typo", value: .null),
        ])
        let problems = ReportFormat.problems(in: value)
        #expect(problems.contains("$.report is not 1"))
        #expect(problems.contains("$.tool is missing"))
        #expect(problems.contains("$.runs is null"))
        #expect(problems.contains("$.typo is not in the format"))
    }

    @Test func figuresAreFoundByTheirPath() {
        #expect(ReportFormat.streamField(["rtt_ns", "p99"])?.unit == .nanoseconds)
        #expect(ReportFormat.streamField(["loss", "ratio"])?.unit == .ratio)
        #expect(ReportFormat.streamField(["loss", "nothing"]) == nil)
        #expect(ReportFormat.streamField(["sender", "p99"]) == nil)
    }

    @Test func theReadmeHasTheFormatsTables() throws {
        let path = RepositoryFiles.path("Reports/README.md")
        let (begin, end) = ("<!-- format: begin -->\n", "<!-- format: end -->")
        let readme = try TemporaryDirectory.read(path)
        let first = try #require(readme.firstRange(of: begin), "the README has its first mark")
        let last = try #require(readme.firstRange(of: end), "the README has its second mark")
        let tables = ReportFormat.markdown()
        guard readme[first.upperBound..<last.lowerBound] != tables else { return }
        guard getenv("UDPLAB_RECORD") != nil else {
            Issue.record("Reports/README.md is not up to date; UDPLAB_RECORD=1 writes it anew")
            return
        }
        unlink(path)
        let (before, after) = (readme[..<first.upperBound], readme[last.lowerBound...])
        try TemporaryDirectory.write("\(before)\(tables)\(after)", to: path)
    }
}

/// Files of the repository, found from this file's own place.
enum RepositoryFiles {
    static func path(_ name: String, file: String = #filePath) -> String {
        file.split(separator: "/").dropLast(3).reduce(into: "") { $0 += "/\($1)" } + "/" + name
    }
}
