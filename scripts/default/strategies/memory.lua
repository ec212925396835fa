-- What people chose after the same query, and what this user chose before.

return strategy {
  plan = function (q)
    return {
      memory = {
        q.text ~= "" and "q:" .. q.text,
        q.user and "user:" .. q.user,
      },
    }
  end,

  examples = { ["red shoes"] = true, [""] = true },
}
