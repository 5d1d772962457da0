/** The process that load and floors come from. */
import { letGoOfDatabases, runFloor } from '../load/floors.js';
import type { LoadQuestion } from '../load/questions.js';
import { letGoOfServers, runRequests } from '../load/requests.js';
import { answerQuestions } from './child.js';

answerQuestions(async json => {
  const question: LoadQuestion = JSON.parse(json);
  switch (question.ask) {
    case 'requests':
      return runRequests(question);
    case 'floor':
      return runFloor(question);
    case 'let-go':
      await Promise.all([letGoOfServers(), letGoOfDatabases()]);
      return null;
  }
});
