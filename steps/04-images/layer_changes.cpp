#include "04-images/layer_changes.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "04-images/store_folder.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// Layers by their number, the highest first.
using Layers = std::vector<std::size_t>;

// What is at a path below: the entry that shows, and, when that is a folder,
// all layers whose folders are seen in it.
struct Below {
    std::optional<LayerEntry> entry;
    Layers folders;
};

bool is_same_time(const timespec& one, const timespec& other) {
    return one.tv_sec == other.tv_sec && one.tv_nsec == other.tv_nsec;
}

bool differs(const LayerEntry& now, const LayerEntry& before) {
    const struct stat &a = now.info, &b = before.info;
    if (a.st_mode != b.st_mode || a.st_uid != b.st_uid ||
        a.st_gid != b.st_gid || now.xattrs != before.xattrs)
        return true;
    if (now.kind == EntryKind::Folder) return false;
    return a.st_size != b.st_size || a.st_rdev != b.st_rdev ||
           now.target != before.target || !is_same_time(a.st_mtim, b.st_mtim);
}

class Comparison {
  public:
    Comparison(const std::vector<std::string>& lower, FolderForm form)
        : form_(form) {
        for (const std::string& folder : lower)
            roots_.push_back(open_layer_folder(folder, form));
    }
    std::vector<Change> run(const std::string& folder);

  private:
    void compare_folder(const LayerEntry& folder, const Layers& below);
    void compare(const LayerEntry& entry, const Layers& below);
    void compare_both(const LayerEntry& entry, const Below& old);
    void note_hidden(const LayerEntry& folder, const Layers& below,
                     const std::vector<std::string>& names);
    Below look_below(const std::string& path, const Layers& below);
    void note(char kind, const std::string& path) {
        changes_.push_back({kind, "/" + path});
    }

    FolderForm form_;
    std::vector<LayerEntry> roots_;
    std::vector<Change> changes_;
};

std::vector<Change> Comparison::run(const std::string& folder) {
    Layers all;
    for (std::size_t layer = roots_.size(); layer > 0; --layer)
        all.push_back(layer - 1);
    compare_folder(open_layer_folder(folder, form_), all);
    std::sort(changes_.begin(), changes_.end(),
              [](const Change& a, const Change& b) { return a.path < b.path; });
    return std::move(changes_);
}

void Comparison::compare_folder(const LayerEntry& folder, const Layers& below) {
    auto names = names_in(folder.handle.get(), "/" + folder.path);
    for (const std::string& name : names)
        compare(look_in(folder, name, form_), below);
    // Of the topmost folder overlayfs does not read the mark.
    if (folder.opaque && !folder.path.empty())
        note_hidden(folder, below, names);
}

void Comparison::compare(const LayerEntry& entry, const Layers& below) {
    Below old = look_below(entry.path, below);
    if (entry.kind == EntryKind::Whiteout) {
        if (old.entry) note('D', entry.path);
    } else if (old.entry) {
        compare_both(entry, old);
    } else {
        note('A', entry.path);
        if (entry.kind == EntryKind::Folder) compare_folder(entry, {});
    }
}

void Comparison::compare_both(const LayerEntry& entry, const Below& old) {
    std::size_t before = changes_.size();
    if (entry.kind == EntryKind::Folder) compare_folder(entry, old.folders);
    if (changes_.size() > before || differs(entry, *old.entry))
        note('C', entry.path);
}

// An opaque folder has no whiteouts for what it hides.
void Comparison::note_hidden(const LayerEntry& folder, const Layers& below,
                             const std::vector<std::string>& names) {
    std::set<std::string> hidden;
    for (std::size_t layer : below) {
        LayerEntry there = look_in(roots_[layer], folder.path, form_);
        for (const std::string& name :
             names_in(there.handle.get(), "/" + there.path))
            hidden.insert(name);
    }
    for (const std::string& name : names) hidden.erase(name);
    for (const std::string& name : hidden) {
        std::string path = cat(folder.path, "/", name);
        if (look_below(path, below).entry) note('D', path);
    }
}

// `below`: the layers whose folders are seen at the parent.
Below Comparison::look_below(const std::string& path, const Layers& below) {
    Below found;
    for (std::size_t layer : below) {
        auto entry = find_in(roots_[layer], path, form_);
        if (!entry) continue;
        if (entry->kind != EntryKind::Folder) {
            if (!found.entry && entry->kind != EntryKind::Whiteout)
                found.entry = std::move(entry);
            break;
        }
        bool is_last = entry->opaque;
        found.folders.push_back(layer);
        if (!found.entry) found.entry = std::move(entry);
        if (is_last) break;
    }
    return found;
}

bool is_control(char letter) {
    return static_cast<unsigned char>(letter) < ' ' || letter == 127;
}

}  // namespace

std::vector<Change> layer_changes(const std::string& folder,
                                  const std::vector<std::string>& lower,
                                  FolderForm form) {
    return Comparison(lower, form).run(folder);
}

std::string changes_text(const std::vector<Change>& changes) {
    std::string text;
    for (const Change& change : changes)
        text += cat(std::string_view(&change.kind, 1), " ",
                    printable(change.path), "\n");
    return text;
}

std::string printable(std::string_view text) {
    return std::any_of(text.begin(), text.end(), is_control)
               ? quote(text)
               : std::string(text);
}

}  // namespace slipway
