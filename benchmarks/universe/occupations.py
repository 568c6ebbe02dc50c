"""Occupations, the frequent ones first."""

OCCUPATIONS = (
    "teacher", "nurse", "sales assistant", "engineer", "clerk", "driver", "farmer", "manager", "student",
    "accountant", "cook", "cleaner", "electrician", "carpenter", "mechanic", "software developer",
    "physician", "lawyer", "police officer", "waiter", "secretary", "painter", "writer", "journalist",
    "politician", "actor", "musician", "plumber", "labourer", "merchant", "priest", "soldier",
    "military officer", "photographer", "architect", "baker", "butcher", "tailor", "shoemaker",
    "hairdresser", "pharmacist", "dentist", "librarian", "professor", "researcher", "social worker",
    "firefighter", "postman", "gardener", "builder", "roofer", "welder", "miner", "fisherman", "sailor",
    "weaver", "blacksmith", "mason", "miller", "innkeeper", "servant", "banker", "insurance agent",
    "estate agent", "translator", "designer", "illustrator", "composer", "singer", "dancer", "poet",
    "historian", "botanist", "chemist", "physicist", "mathematician", "astronomer", "geologist", "surveyor",
    "judge", "diplomat", "clergyman", "bookseller", "publisher", "printer", "engraver", "sculptor",
    "jeweller", "watchmaker", "optician", "veterinarian", "midwife", "psychologist", "consultant",
    "analyst", "cashier", "warehouse worker", "machine operator", "bus driver", "lorry driver", "pilot",
    "flight attendant", "receptionist", "chef", "barista", "retired", "cricketer", "footballer",
    "rugby player", "civil servant", "archaeologist", "biologist", "economist", "nanny", "security guard",
)  # fmt: skip
