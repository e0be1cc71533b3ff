#include "compare/verdict.hpp"

#include <nlohmann/json.hpp>

#include "common/text.hpp"

namespace slipway::compare {
namespace {

// The probe runs among strangers: what it says is parsed as foreign bytes.
std::string field(const nlohmann::json& object, const char* name) {
    auto found = object.find(name);
    return found != object.end() && found->is_string()
               ? found->get<std::string>()
               : "";
}

bool has_flag(const nlohmann::json& object, const char* name) {
    auto found = object.find(name);
    return found != object.end() && found->is_boolean() && found->get<bool>();
}

Cell contradiction(Cell cell, Verdict verdict, std::string note) {
    cell.verdict = verdict;
    cell.note = std::move(note);
    return cell;
}

// What the row came to by itself, before it is compared with the host.
Cell judge_alone(const Row& row, const Observed& observed,
                 std::string_view secret) {
    auto found = observed.reports.find(std::string(row.id));
    bool seen = observed.traces.contains(std::string(row.id));
    if (found == observed.reports.end()) {
        bool died = observed.begun.contains(std::string(row.id));
        if (observed.timed_out)
            return {Verdict::Error, "", "", "", "it did not end"};
        if (died && row.takes_long)  // the limit took all of the container
            return {Verdict::Limited, "", "", "", "it took the probe along"};
        return {Verdict::Error, "", "", "", "the probe did not answer"};
    }
    //@ begin believe
    const Report& said = found->second;
    Cell cell{Verdict::Closed, said.attempt, said.error, said.detail, ""};
    if (said.outcome == "open" && row.wants_proof && said.proof != secret)
        return contradiction(std::move(cell), Verdict::Error,
                             "the probe says open, and cannot prove it");
    if (said.outcome == "open" && row.leaves_trace && !seen)
        cell.note = "it worked, and nothing of it was seen on the host";
    else if (said.outcome == "open")
        cell.verdict = Verdict::Open;
    else if (seen)
        return contradiction(
            std::move(cell), Verdict::Open,
            "the probe says it failed; the host saw it happen");
    else if (said.outcome == "limited")
        cell.verdict = Verdict::Limited;
    else if (said.outcome == "absent")
        cell.verdict = Verdict::Nothing;
    else if (said.outcome != "closed")
        return contradiction(std::move(cell), Verdict::Error,
                             "it could not be tried");
    return cell;
    //@ end believe
}

//@ begin guest
// A machine of its own: what worked there, without a secret of ours and without
// a trace here, was done to its own kernel.
Cell in_guest(const Row& row, Cell cell) {
    if (cell.verdict != Verdict::Open || row.wants_proof || row.leaves_trace)
        return cell;
    if (row.takes_long)
        return contradiction(std::move(cell), Verdict::Limited,
                             "as much as the machine was given");
    return contradiction(std::move(cell), Verdict::Closed,
                         "done to the guest's own kernel, not to the host's");
}
//@ end guest

}  // namespace

//@ begin judge
Cell judge(const Row& row, const Observed& observed, std::string_view secret,
           std::optional<Verdict> host, bool own_kernel) {
    Cell cell = judge_alone(row, observed, secret);
    if (own_kernel) cell = in_guest(row, std::move(cell));
    bool refused =
        cell.verdict == Verdict::Closed || cell.verdict == Verdict::Nothing;
    // What is missing inside and there outside is closed, too: a folder without
    // any file that could be tried. What fails outside as well shows nothing.
    if (!host) {
        if (refused && !row.of_containers) cell.verdict = Verdict::Nothing;
    } else if (*host == Verdict::Open && refused) {
        cell.verdict = Verdict::Closed;
    } else if (row.of_containers) {
        return cell;
    } else if (*host != Verdict::Open && cell.verdict != Verdict::Error &&
               cell.verdict != Verdict::Open) {
        cell.verdict = Verdict::Nothing;
        if (cell.note.empty())
            cell.note = "on the host it does not work either";
    }
    return cell;
}
//@ end judge

std::string last_line(const std::string& output) {
    constexpr std::size_t most = 200;
    std::string last;
    for (const std::string& line : split(output, '\n'))
        if (!line.empty()) last = line.substr(0, most);
    for (char& c : last)
        if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = '?';
    return last;
}

void take_line(Observed& observed, std::string_view line,
               std::string_view mark) {
    std::size_t at = line.find(mark);
    if (at == std::string_view::npos) {
        constexpr std::size_t most_output = 4096;
        if (observed.output.size() + line.size() < most_output)
            observed.output += cat(line, "\n");
        return;
    }
    nlohmann::json object = nlohmann::json::parse(
        line.substr(at + mark.size()), nullptr, /*allow_exceptions=*/false);
    if (!object.is_object()) return;
    std::string row = field(object, "row");
    if (has_flag(object, "end"))
        observed.finished = true;
    else if (object.contains("neighbour"))
        observed.neighbour = field(object, "neighbour");
    else if (has_flag(object, "mark"))
        observed.traces.insert("F10");
    else if (has_flag(object, "begun"))
        observed.begun.insert(row);
    else if (!row.empty())
        observed.reports.insert_or_assign(
            row, Report{field(object, "attempt"), field(object, "outcome"),
                        field(object, "errno"), field(object, "detail"),
                        field(object, "proof")});
}

}  // namespace slipway::compare
