#include "05-build/expanded_words.hpp"

#include <vector>

namespace slipway {

namespace {

using Visit = std::function<void(const ExpandedText&)>;

class Visitor {
  public:
    Visitor(const Instruction& instruction, const Visit& visit)
        : where_(instruction.where), visit_(visit) {}

    void operator()(const Copy& copy) const {
        words(copy.sources);
        word(copy.destination);
        for (const std::string* flag :
             {&copy.chown, &copy.chmod, &copy.checksum})
            text(*flag);
        for (const std::string& pattern : copy.exclude) text(pattern);
        for (const Heredoc& heredoc : copy.heredocs)
            if (heredoc.expands) visit_({heredoc.text, where_, true});
    }
    void operator()(const Run& run) const {
        for (const RunMount& mount : run.mounts)
            for (const auto& [name, value] : mount.options)
                visit_({value, mount.where, true});
    }
    void operator()(const Env& env) const { pairs(env.values); }
    void operator()(const Label& label) const { pairs(label.values); }
    void operator()(const Arg& arg) const {
        for (const ArgDefault& each : arg.values)
            if (each.value) word(*each.value);
    }
    void operator()(const Expose& expose) const { words(expose.ports); }
    void operator()(const Volume& volume) const { words(volume.paths); }
    void operator()(const UserInstruction& user) const { word(user.user); }
    void operator()(const Workdir& workdir) const { word(workdir.path); }
    void operator()(const StopSignal& stop) const { word(stop.signal); }
    template <class Other>
    void operator()(const Other&) const {}

  private:
    void text(const std::string& flag) const {
        if (!flag.empty()) visit_({flag, where_, false});
    }
    void word(const Word& word) const {
        visit_({word.text, word.where, false});
    }
    void words(const std::vector<Word>& words) const {
        for (const Word& each : words) word(each);
    }
    void pairs(const std::vector<NameValue>& values) const {
        for (const NameValue& pair : values) {
            word(pair.name);
            word(pair.value);
        }
    }

    SourceRange where_;
    const Visit& visit_;
};

}  // namespace

void for_each_expanded(const Instruction& instruction, const Visit& visit) {
    std::visit(Visitor(instruction, visit), instruction.body);
}

}  // namespace slipway
