// How: of a call, the program first looks at two words, architecture and
// number. All it does with them is comparing them with constants. So between
// two neighbouring constants all numbers have the same way through it, and that
// is walked once for each such range, until an answer is there, or an argument
// is asked for. Ranges next to each other with the same end become one. What is
// written is a search among the ranges, and behind it what looks at arguments.
#include "06-engine/security/seccomp_shorter.hpp"

#include <linux/seccomp.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>

namespace slipway {

namespace {

using Program = std::vector<sock_filter>;

constexpr std::uint32_t number_at = offsetof(seccomp_data, nr);
constexpr std::uint32_t architecture_at = offsetof(seccomp_data, arch);

bool is_load(const sock_filter& one) {
    return one.code == (BPF_LD | BPF_W | BPF_ABS);
}
bool is_answer(const sock_filter& one) {
    return one.code == (BPF_RET | BPF_K);
}
bool is_jump(const sock_filter& one) {
    return one.code == (BPF_JMP | BPF_JA);
}
bool is_comparison(const sock_filter& one) {
    return one.code == (BPF_JMP | BPF_JEQ | BPF_K) ||
           one.code == (BPF_JMP | BPF_JGT | BPF_K) ||
           one.code == (BPF_JMP | BPF_JGE | BPF_K);
}
bool fits(const sock_filter& one, std::uint32_t value) {
    if (BPF_OP(one.code) == BPF_JEQ) return value == one.k;
    return BPF_OP(one.code) == BPF_JGT ? value > one.k : value >= one.k;
}

// Where a walk ends: at an answer, or where an argument is loaded.
using End = std::size_t;

// What a program compares the architecture with. For all others it is the same.
using Architectures = std::set<std::uint32_t>;

// Nothing when there is an instruction on the way that we do not know.
std::optional<End> walk(const Program& program, std::uint32_t architecture,
                        std::uint32_t number, Architectures& met) {
    std::optional<std::uint32_t> value;
    bool is_architecture = false;
    for (std::size_t at = 0; at < program.size(); ++at) {
        const sock_filter& one = program[at];
        if (is_answer(one)) return at;
        if (is_load(one)) {
            if (one.k != number_at && one.k != architecture_at) return at;
            is_architecture = one.k == architecture_at;
            value = is_architecture ? architecture : number;
        } else if (is_jump(one)) {
            at += one.k;
        } else if (is_comparison(one) && value) {
            if (is_architecture) {
                if (BPF_OP(one.code) != BPF_JEQ) return std::nullopt;
                met.insert(one.k);
            }
            at += fits(one, *value) ? one.jt : one.jf;
        } else {
            return std::nullopt;
        }
    }
    return std::nullopt;
}

// The constants that numbers may be compared with, as beginnings of ranges. One
// too many does no harm.
std::set<std::uint32_t> beginnings(const Program& program) {
    std::set<std::uint32_t> all{0};
    for (const sock_filter& one : program) {
        if (!is_comparison(one)) continue;
        if (BPF_OP(one.code) != BPF_JGT) all.insert(one.k);
        if (BPF_OP(one.code) != BPF_JGE && one.k != UINT32_MAX)
            all.insert(one.k + 1);
    }
    return all;
}

struct Range {
    std::uint32_t begin;
    End end;
};

bool same(const Program& program, End one, End other) {
    return one == other ||
           (is_answer(program[one]) && is_answer(program[other]) &&
            program[one].k == program[other].k);
}

using Ranges = std::vector<Range>;

std::optional<Ranges> ranges_of(const Program& program,
                                std::uint32_t architecture,
                                const std::set<std::uint32_t>& begins,
                                Architectures& met) {
    Ranges ranges;
    for (std::uint32_t begin : begins) {
        std::optional<End> end = walk(program, architecture, begin, met);
        if (!end) return std::nullopt;
        if (ranges.empty() || !same(program, ranges.back().end, *end))
            ranges.push_back({begin, *end});
    }
    return ranges;
}

struct Answers {
    std::map<std::uint32_t, Ranges> known;
    Ranges others;
};

// Zero is no architecture, but a program may ask for it.
std::uint32_t other_than(const Architectures& met) {
    std::uint32_t other = 0;
    while (met.count(other) != 0) ++other;
    return other;
}

// Until no way leads to a comparison with an architecture that is not known.
std::optional<Answers> answers_of(const Program& program) {
    const std::set<std::uint32_t> begins = beginnings(program);
    Architectures met, last;
    Answers answers;
    do {
        last = met;
        auto others = ranges_of(program, other_than(last), begins, met);
        if (!others) return std::nullopt;
        answers.others = std::move(*others);
        for (std::uint32_t architecture : last) {
            auto ranges = ranges_of(program, architecture, begins, met);
            if (!ranges) return std::nullopt;
            answers.known[architecture] = std::move(*ranges);
        }
    } while (met != last);
    return answers;
}

// Jumps go forward only. So the program is written from its end: what has been
// written is what can be jumped to. A place is counted from the end, too.
class Writer {
  public:
    explicit Writer(const Program& from) : from_(from) {}

    std::size_t add(const sock_filter& one) {
        reversed_.push_back(one);
        return reversed_.size();
    }
    std::size_t distance(std::size_t place) const {
        return reversed_.size() - place;
    }
    std::size_t jump(std::size_t place) {
        return add({BPF_JMP | BPF_JA, 0, 0,
                    static_cast<std::uint32_t>(distance(place))});
    }
    std::size_t compare(unsigned op, std::uint32_t with, std::size_t yes,
                        std::size_t no) {
        yes = near(yes);
        no = near(no);
        return add({static_cast<std::uint16_t>(BPF_JMP | BPF_K | op),
                    static_cast<std::uint8_t>(distance(yes)),
                    static_cast<std::uint8_t>(distance(no)), with});
    }
    std::size_t load(std::uint32_t offset) {
        return add({BPF_LD | BPF_W | BPF_ABS, 0, 0, offset});
    }
    // What the old program does from there on.
    std::size_t place_of(End end) {
        const sock_filter& one = from_[end];
        std::size_t& place = is_answer(one) ? answers_[one.k] : copied_[end];
        if (place == 0 || (is_answer(one) && distance(place) > farthest))
            copy(end);
        return place;
    }
    Program program() const { return {reversed_.rbegin(), reversed_.rend()}; }

  private:
    // A byte holds the distance of a comparison's target; two may be added.
    static constexpr std::size_t farthest = 250;
    std::size_t near(std::size_t place) {
        return distance(place) <= farthest ? place : jump(place);
    }
    void copy(End at) {
        const sock_filter& one = from_[at];
        if (is_answer(one))
            answers_[one.k] = add(one);
        else if (is_jump(one))
            copied_[at] = place_of(at + 1 + one.k);
        else if (BPF_CLASS(one.code) == BPF_JMP)
            copied_[at] = compare_as(one, at);
        else
            follow(one, place_of(at + 1), copied_[at]);
    }
    std::size_t compare_as(const sock_filter& one, End at) {
        std::size_t no = place_of(at + 1 + one.jf);
        std::size_t yes = place_of(at + 1 + one.jt);
        return compare(BPF_OP(one.code), one.k, yes, no);
    }
    // An instruction that the next one must stand behind.
    void follow(const sock_filter& one, std::size_t next, std::size_t& place) {
        if (distance(next) != 0) jump(next);
        place = add(one);
    }

    const Program& from_;
    Program reversed_;
    std::map<std::uint32_t, std::size_t> answers_;
    std::map<End, std::size_t> copied_;
};

std::size_t search(Writer& writer, Ranges::const_iterator first,
                   Ranges::const_iterator last) {
    if (last - first == 1) return writer.place_of(first->end);
    auto middle = first + (last - first) / 2;
    std::size_t above = search(writer, middle, last);
    std::size_t below = search(writer, first, middle);
    return writer.compare(BPF_JGE, middle->begin, above, below);
}

// Of a kind whose parts can be told apart: no register but one, no memory, and
// numbers only compared.
bool is_known(const Program& program) {
    return std::all_of(program.begin(), program.end(),
                       [](const sock_filter& one) {
                           return is_answer(one) || is_load(one) ||
                                  is_jump(one) || is_comparison(one) ||
                                  one.code == (BPF_JMP | BPF_JSET | BPF_K) ||
                                  one.code == (BPF_ALU | BPF_AND | BPF_K);
                       });
}

// Behind a load of the number, if more than one range wants to know it.
std::size_t write_ranges(Writer& writer, const Ranges& ranges) {
    std::size_t place = search(writer, ranges.begin(), ranges.end());
    if (ranges.size() == 1) return place;
    if (writer.distance(place) != 0) writer.jump(place);
    return writer.load(number_at);
}

}  // namespace

//@ begin shorter
std::vector<sock_filter> shorter_seccomp(const Program& program) {
    std::optional<Answers> answers;
    if (is_known(program)) answers = answers_of(program);
    if (!answers) return program;
    Writer writer(program);
    std::size_t next = write_ranges(writer, answers->others);
    for (const auto& [architecture, ranges] : answers->known) {
        std::size_t place = write_ranges(writer, ranges);
        next = writer.compare(BPF_JEQ, architecture, place, next);
    }
    if (writer.distance(next) != 0) writer.jump(next);
    writer.load(architecture_at);
    Program shorter = writer.program();
    return shorter.size() < program.size() ? shorter : program;
}
//@ end shorter

}  // namespace slipway
