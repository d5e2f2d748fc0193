//! Calls that wait for answers, in a map.

use host::{Address, Asked, Heard, Questions, Unavailable};
use oauth::Timestamp;

use crate::MemoryHost;

/// A call that waits.
pub(crate) struct Call {
    of: Address,
    text: String,
    questions: Vec<Question>,
    pub(crate) deadline: Timestamp,
}

struct Question {
    id: String,
    key: String,
    answer: Option<String>,
}

impl MemoryHost {
    /// How many calls wait for answers.
    #[must_use]
    pub fn call_count(&self) -> usize {
        self.state.calls.borrow().len()
    }
}

impl Questions for MemoryHost {
    async fn ask(&self, asked: Asked<'_>) -> Result<(), Unavailable> {
        let questions = asked.questions.iter().map(|(id, key)| Question {
            id: id.clone(),
            key: key.clone(),
            answer: None,
        });
        let call = Call {
            of: asked.of.clone(),
            text: asked.call.to_owned(),
            questions: questions.collect(),
            deadline: asked.deadline,
        };
        let mut calls = self.store()?.calls.borrow_mut();
        calls.insert(asked.id.to_owned(), call);
        Ok(())
    }

    async fn hear(
        &self,
        from: &Address,
        id: &str,
        answer: &str,
        now: Timestamp,
    ) -> Result<Heard, Unavailable> {
        let mut calls = self.store()?.calls.borrow_mut();
        let theirs = calls
            .iter_mut()
            .filter(|(_, call)| call.of == *from && now < call.deadline);
        let found = theirs.flat_map(|(name, call)| {
            let questions = call.questions.iter_mut();
            questions.map(move |question| (name, question))
        });
        let mut open = found.filter(|(_, question)| question.id == id && question.answer.is_none());
        let Some((name, question)) = open.next() else {
            return Ok(Heard::Unasked);
        };
        question.answer = Some(answer.to_owned());
        let name = name.clone();
        drop(open);
        let answered = |call: &Call| {
            let pairs = call.questions.iter();
            let pairs =
                pairs.map(|question| Some((question.key.clone(), question.answer.clone()?)));
            pairs.collect::<Option<Vec<_>>>()
        };
        let Some(answers) = calls.get(&name).and_then(answered) else {
            return Ok(Heard::More);
        };
        let call = calls.remove(&name);
        Ok(call.map_or(Heard::Unasked, |call| Heard::All(call.text, answers)))
    }

    async fn note(
        &self,
        session: &Address,
        (name, text): (&str, &str),
        until: Timestamp,
    ) -> Result<(), Unavailable> {
        let mut notes = self.store()?.notes.borrow_mut();
        let key = (session.session.clone(), name.to_owned());
        notes.insert(key, (text.to_owned(), until));
        Ok(())
    }

    async fn noted(&self, session: &Address) -> Result<Vec<(String, String)>, Unavailable> {
        let notes = self.store()?.notes.borrow();
        let theirs = notes.iter().filter(|((of, _), _)| *of == session.session);
        Ok(theirs
            .map(|((_, name), (text, _))| (name.clone(), text.clone()))
            .collect())
    }
}
